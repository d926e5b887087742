-- purpose: the identity columns with what the source said of them
-- params: the schemas; {{schemas}}
-- returns: schema, table, column_name, increment, last_value, shipped
SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name AS [table], i.name AS column_name,
  CAST(CAST(i.increment_value AS decimal(38, 0)) AS varchar(40)) AS increment,
  CAST(CAST(i.last_value AS decimal(38, 0)) AS varchar(40)) AS last_value, CAST(q.value AS varchar(40)) AS shipped
FROM sys.identity_columns i JOIN sys.tables t ON t.object_id = i.object_id
LEFT JOIN sparesync.sequences q ON q.schema_name = SCHEMA_NAME(t.schema_id) AND q.sequence_name = t.name
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
