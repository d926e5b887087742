-- purpose: where identities and sequences are; read after the rows, so never behind them
-- params: the schemas; {{schemas}}, {{sequenceObjects}}
-- returns: schema, name, value
SELECT SCHEMA_NAME(t.schema_id), t.name, CAST(CAST(i.last_value AS decimal(38, 0)) AS varchar(40))
FROM sys.identity_columns i JOIN sys.tables t ON t.object_id = i.object_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}) AND i.last_value IS NOT NULL{{sequenceObjects}}
