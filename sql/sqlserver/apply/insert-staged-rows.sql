-- purpose: writes the staged rows whose key is not there (script)
-- params: none; {{table}}, {{stage}}, {{columns}}, {{values}}, {{match}}, {{identityOn}}, {{identityOff}}
-- returns: nothing
{{identityOn}}
INSERT INTO {{table}} ({{columns}}) SELECT {{values}} FROM {{stage}} s WHERE NOT EXISTS (SELECT 1 FROM {{table}} t WHERE {{match}});
{{identityOff}}
