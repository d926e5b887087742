-- purpose: forgets what acts again; foreign keys that were trusted are kept until they are again (script)
-- params: none
-- returns: nothing
DELETE FROM sparesync.silenced WHERE kind = 'trigger' OR is_trusted = 0;
UPDATE sparesync.silenced SET kind = 'distrusted';
