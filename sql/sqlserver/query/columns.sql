-- purpose: the columns of all tables of the schemas
-- params: the schemas; {{schemas}}, {{generated}}, {{columnSet}}
-- returns: schema, name, column_name, type_name, user_type, type_schema, is_user_type, is_clr, max_length, precision, scale, collation, is_nullable, is_identity, is_computed, is_generated, is_column_set
SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name AS name, c.name AS column_name, b.name AS type_name,
  u.name AS user_type, SCHEMA_NAME(u.schema_id) AS type_schema, CAST(u.is_user_defined AS int) AS is_user_type,
  CAST(u.is_assembly_type AS int) AS is_clr, c.max_length AS max_length, c.[precision] AS [precision], c.scale AS scale,
  c.collation_name AS collation, CAST(c.is_nullable AS int) AS is_nullable, CAST(c.is_identity AS int) AS is_identity,
  CAST(c.is_computed AS int) AS is_computed, {{generated}} AS is_generated, {{columnSet}} AS is_column_set
FROM sys.tables t
JOIN sys.columns c ON c.object_id = t.object_id
JOIN sys.types u ON u.user_type_id = c.user_type_id
LEFT JOIN sys.types b ON b.user_type_id = c.system_type_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}) AND t.is_ms_shipped = 0
ORDER BY SCHEMA_NAME(t.schema_id), t.name, c.column_id
