-- purpose: one line of the question how many rows the tables have, counted as of the moment of the transaction
-- params: none; {{n}}, {{table}}
-- returns: n, rows
SELECT {{n}} AS n, COUNT_BIG(*) AS [rows] FROM {{table}}
