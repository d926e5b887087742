-- purpose: another text as soon as a constraint, default or trigger of the application is another one; for itself, because one statement of all would take Babelfish long to plan
-- params: the schemas; {{schemas}}
-- returns: fingerprint
SELECT CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(k.object_id, k.name, CAST(k.is_disabled AS int)) AS bigint)), 0)
    FROM sys.check_constraints k WHERE SCHEMA_NAME(k.schema_id) IN ({{schemas}})) AS varchar(30))
  + '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(d.object_id, d.parent_column_id) AS bigint)), 0)
    FROM sys.default_constraints d WHERE SCHEMA_NAME(d.schema_id) IN ({{schemas}})) AS varchar(30))
  + '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(f.object_id, f.name) AS bigint)), 0)
    FROM sys.foreign_keys f WHERE SCHEMA_NAME(f.schema_id) IN ({{schemas}})) AS varchar(30))
  + '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(r.object_id, r.name) AS bigint)), 0)
    FROM sys.triggers r JOIN sys.tables t ON t.object_id = r.parent_id
    WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}) AND r.is_ms_shipped = 0 AND r.name NOT LIKE 'sparesync[_]%') AS varchar(30)) AS fingerprint
