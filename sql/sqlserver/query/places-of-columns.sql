-- purpose: where the columns of the journalled tables stand, which tells one that was dropped and made again; and where they stood before
-- params: none
-- returns: n, places (JSON: by name, those that are gone as well; NULL: never noted), column_name, column_id
SELECT i.n, i.places, c.name AS column_name, c.column_id
FROM sparesync.tables i
JOIN sys.tables t ON SCHEMA_NAME(t.schema_id) = i.schema_name AND t.name = i.table_name
JOIN sys.columns c ON c.object_id = t.object_id
ORDER BY i.n, c.column_id
