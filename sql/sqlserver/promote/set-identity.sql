-- purpose: sets where an identity goes on
-- params: none; {{table}}, {{plain}}: literals of the quoted and the plain name, {{value}}
-- returns: nothing
DBCC CHECKIDENT({{table}}, RESEED, {{value}})
