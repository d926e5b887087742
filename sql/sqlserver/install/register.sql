-- purpose: writes a table into the list of journalled tables; what was copied of it under an older journal is forgotten
-- params: @p1 number, @p2 schema, @p3 table, @p4 shape of its key, @p5 mark, @p6 shape (JSON), @p7 label
-- returns: nothing (script)
DELETE FROM sparesync.copied WHERE table_label = @p7;
INSERT INTO sparesync.tables (n, schema_name, table_name, key_shape, mark, shape) VALUES (@p1, @p2, @p3, @p4, @p5, @p6);
