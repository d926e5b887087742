-- purpose: Babelfish: CHECKIDENT takes no quoted name
-- params: none; {{table}}, {{plain}}: literals of the quoted and the plain name, {{value}}
-- returns: nothing
DBCC CHECKIDENT({{plain}}, RESEED, {{value}})
