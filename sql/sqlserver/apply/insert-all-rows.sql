-- purpose: writes all staged rows: those of a table without a key (script)
-- params: none; {{table}}, {{stage}}, {{columns}}, {{values}}, {{identityOn}}, {{identityOff}}
-- returns: nothing
{{identityOn}}
INSERT INTO {{table}} ({{columns}}) SELECT {{values}} FROM {{stage}} s;
{{identityOff}}
