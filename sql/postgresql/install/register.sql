-- purpose: writes a table into the list of journalled tables; what was copied of it under an older journal is forgotten
-- params: 1 number, 2 schema, 3 table, 4 shape of its key, 5 mark, 6 shape (JSON)
-- returns: nothing
WITH forgotten AS (DELETE FROM sparesync.copied WHERE table_label = $2 || '.' || $3)
INSERT INTO sparesync.tables (n, schema_name, table_name, key_shape, mark, shape, watched)
VALUES ($1::integer, $2, $3, $4, $5, $6, '{}')
