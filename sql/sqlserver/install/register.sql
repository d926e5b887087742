-- purpose: writes a table into the list of journalled tables
-- params: @p1 number, @p2 schema, @p3 table, @p4 shape of its key
-- returns: nothing
INSERT INTO sparesync.tables (n, schema_name, table_name, key_shape) VALUES (@p1, @p2, @p3, @p4)
