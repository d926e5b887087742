-- purpose: writes a table into the list of journalled tables
-- params: $1 number, $2 schema, $3 table, $4 shape of its key
-- returns: nothing
INSERT INTO sparesync.tables (n, schema_name, table_name, key_shape) VALUES ($1::integer, $2, $3, $4)
