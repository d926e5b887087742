-- purpose: deletes some rows; the lock on the table lets a heap give its pages back (script)
-- params: none; {{table}}, {{count}}
-- returns: deleted
DELETE TOP ({{count}}) FROM {{table}} WITH (TABLOCK);
SELECT CAST(@@ROWCOUNT AS varchar(20)) AS deleted;
