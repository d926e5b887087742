-- purpose: what speaks at the address, and whether it can take snapshots; understood by every server
-- params: none
-- returns: version, edition, compatibility_level, snapshot_state, full_version, has_sequences
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(60)) AS version,
  CAST(SERVERPROPERTY('Edition') AS nvarchar(120)) AS edition,
  CAST(d.compatibility_level AS varchar(10)) AS compatibility_level,
  CAST(d.snapshot_isolation_state AS varchar(10)) AS snapshot_state,
  CAST(@@VERSION AS nvarchar(400)) AS full_version,
  CASE WHEN OBJECT_ID('sys.sequences') IS NULL THEN '0' ELSE '1' END AS has_sequences
FROM sys.databases d WHERE d.database_id = DB_ID()
