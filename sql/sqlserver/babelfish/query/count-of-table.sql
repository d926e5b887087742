-- purpose: Babelfish keeps no count of rows in sys.partitions
-- params: none; {{n}}, {{name}}: literal of the quoted name, {{table}}
-- returns: n, rows
SELECT {{n}} AS n, COUNT_BIG(*) AS [rows] FROM {{table}}
