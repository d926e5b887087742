-- purpose: what of the tables, besides their columns, refuses a write, goes on with it or fills it in: unique indexes, CHECKs, foreign keys, defaults, triggers
-- params: the schemas; {{schemas}}
-- returns: schema, name, kind, constraint_name, says (without the name), part (one row for each column that it is about; NULL where `says` tells of them), points_schema, points_name
SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name AS name, CAST('unique' AS varchar(20)) AS kind, i.name AS constraint_name,
  CAST(CASE WHEN i.ignore_dup_key = 1 THEN ' IGNORE_DUP_KEY' ELSE '' END
    + CASE WHEN i.has_filter = 1 THEN ' WHERE ' + i.filter_definition ELSE '' END AS nvarchar(max)) AS says,
  CAST(c.name AS nvarchar(300)) AS part, CAST(NULL AS nvarchar(128)) AS points_schema, CAST(NULL AS nvarchar(128)) AS points_name
FROM sys.tables t
JOIN sys.indexes i ON i.object_id = t.object_id AND i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0
JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id AND ic.is_included_column = 0
JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
UNION ALL
SELECT SCHEMA_NAME(t.schema_id), t.name, 'check', k.name, CAST('CHECK ' + k.definition AS nvarchar(max)), NULL, NULL, NULL
FROM sys.tables t JOIN sys.check_constraints k ON k.parent_object_id = t.object_id AND k.is_disabled = 0
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
UNION ALL
SELECT SCHEMA_NAME(t.schema_id), t.name, 'foreign-key', f.name,
  CAST(' REFERENCES ' + SCHEMA_NAME(p.schema_id) + '.' + p.name + ' ON DELETE ' + f.delete_referential_action_desc
    + ' ON UPDATE ' + f.update_referential_action_desc AS nvarchar(max)),
  CAST(c.name + ' to ' + r.name AS nvarchar(300)), SCHEMA_NAME(p.schema_id), p.name
FROM sys.tables t JOIN sys.foreign_keys f ON f.parent_object_id = t.object_id
JOIN sys.tables p ON p.object_id = f.referenced_object_id
JOIN sys.foreign_key_columns fc ON fc.constraint_object_id = f.object_id
JOIN sys.columns c ON c.object_id = t.object_id AND c.column_id = fc.parent_column_id
JOIN sys.columns r ON r.object_id = p.object_id AND r.column_id = fc.referenced_column_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
UNION ALL
SELECT SCHEMA_NAME(t.schema_id), t.name, 'default', c.name, CAST('DEFAULT ' + d.definition AS nvarchar(max)), NULL, NULL, NULL
FROM sys.tables t JOIN sys.default_constraints d ON d.parent_object_id = t.object_id
JOIN sys.columns c ON c.object_id = t.object_id AND c.column_id = d.parent_column_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
UNION ALL
SELECT SCHEMA_NAME(t.schema_id), t.name, 'trigger', r.name, CAST('TRIGGER ' + r.name AS nvarchar(max)), NULL, NULL, NULL
FROM sys.tables t JOIN sys.triggers r ON r.parent_id = t.object_id AND r.is_ms_shipped = 0 AND r.name NOT LIKE 'sparesync[_]%'
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})
