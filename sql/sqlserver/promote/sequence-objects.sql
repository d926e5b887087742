-- purpose: the sequences of SQL Server 2012 and up with what the source said of them
-- params: the schemas; {{schemas}}
-- returns: schema, name, increment, shipped, own, minimum, maximum, is_cycling
SELECT SCHEMA_NAME(o.schema_id) AS [schema], o.name AS name,
  CAST(CAST(o.increment AS decimal(38, 0)) AS varchar(40)) AS increment, CAST(q.value AS varchar(40)) AS shipped,
  CAST(CAST(o.current_value AS decimal(38, 0)) AS varchar(40)) AS own,
  CAST(CAST(o.minimum_value AS decimal(38, 0)) AS varchar(40)) AS minimum,
  CAST(CAST(o.maximum_value AS decimal(38, 0)) AS varchar(40)) AS maximum, CAST(CAST(o.is_cycling AS int) AS varchar(1)) AS is_cycling
FROM sys.sequences o JOIN sparesync.sequences q ON q.schema_name = SCHEMA_NAME(o.schema_id) AND q.sequence_name = o.name
WHERE SCHEMA_NAME(o.schema_id) IN ({{schemas}})
