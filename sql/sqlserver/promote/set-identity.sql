-- purpose: sets where an identity goes on
-- params: none; {{table}}: literal, {{value}}
-- returns: nothing
DBCC CHECKIDENT({{table}}, RESEED, {{value}})
