-- purpose: one line of the question how many rows the tables have, as the server keeps count; what is not committed counts
-- params: none; {{n}}, {{name}}: literal of the quoted name, {{table}}
-- returns: n, rows
SELECT {{n}} AS n, ISNULL((SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = OBJECT_ID({{name}}) AND p.index_id < 2), 0) AS [rows]
