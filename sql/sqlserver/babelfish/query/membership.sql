-- purpose: Babelfish: its owner is no member of db_owner, and silencing needs a right of PostgreSQL
-- params: none
-- returns: is_owner, may_silence
SELECT CASE WHEN USER_NAME() = 'dbo' OR IS_MEMBER('db_owner') = 1 THEN '1' ELSE '0' END AS is_owner,
  CASE WHEN CAST(has_parameter_privilege('session_replication_role', 'SET') AS int) = 1 THEN '1' ELSE '0' END AS may_silence
