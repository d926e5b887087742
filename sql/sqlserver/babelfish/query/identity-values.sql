-- purpose: Babelfish: sys.identity_columns gives the last values of other tables; IDENT_CURRENT gives the right one
-- params: the schemas; {{schemas}}, {{sequenceObjects}}
-- returns: schema, name, value
SELECT SCHEMA_NAME(t.schema_id), t.name,
  CAST(CAST(IDENT_CURRENT(SCHEMA_NAME(t.schema_id) + '.' + t.name) AS decimal(38, 0)) AS varchar(40))
FROM sys.tables t JOIN sys.columns c ON c.object_id = t.object_id AND c.is_identity = 1
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}){{sequenceObjects}}
