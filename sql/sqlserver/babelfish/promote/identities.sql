-- purpose: Babelfish: as query/sequences there
-- params: the schemas; {{schemas}}
-- returns: schema, table, column_name, increment, last_value, shipped
SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name AS [table], c.name AS column_name,
  CAST(CAST(IDENT_INCR(SCHEMA_NAME(t.schema_id) + '.' + t.name) AS decimal(38, 0)) AS varchar(40)) AS increment,
  CAST(CAST(IDENT_CURRENT(SCHEMA_NAME(t.schema_id) + '.' + t.name) AS decimal(38, 0)) AS varchar(40)) AS last_value,
  CAST(q.value AS varchar(40)) AS shipped
FROM sys.tables t JOIN sys.columns c ON c.object_id = t.object_id AND c.is_identity = 1
LEFT JOIN sparesync.sequences q ON q.schema_name = SCHEMA_NAME(t.schema_id) AND q.sequence_name = t.name
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
