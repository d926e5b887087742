-- purpose: deletes the young journal rows that the snapshot of the applied point saw
-- params: 1 attempt; {{n}}, {{journal}}
-- returns: nothing
DELETE FROM sparesync.{{journal}} WHERE rv IN (SELECT s.rv FROM sparesync.seen s WHERE s.attempt = @p1 AND s.n = {{n}})
