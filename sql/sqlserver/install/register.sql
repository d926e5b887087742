-- purpose: writes a table into the list of journalled tables; what was copied of it under an older journal is forgotten (script)
-- params: 1 number, 2 schema, 3 table, 4 shape of its key, 5 mark, 6 shape (JSON)
-- returns: nothing
DELETE FROM sparesync.copied WHERE table_label = @p2 + '.' + @p3;
INSERT INTO sparesync.tables (n, schema_name, table_name, key_shape, mark, shape) VALUES (@p1, @p2, @p3, @p4, @p5, @p6);
