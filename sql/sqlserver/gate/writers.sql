-- purpose: who holds a table, so that its trigger cannot be changed
-- params: 1 quoted name of the table
-- returns: session, prepared
SELECT DISTINCT l.request_session_id AS session,
  CASE WHEN l.request_session_id < 0 THEN 'distributed' END AS prepared
FROM sys.dm_tran_locks l
WHERE l.resource_database_id = DB_ID() AND l.resource_type = 'OBJECT' AND l.request_status = 'GRANT'
  AND l.resource_associated_entity_id = OBJECT_ID(@p1) AND l.request_session_id <> @@SPID
