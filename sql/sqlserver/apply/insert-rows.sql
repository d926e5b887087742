-- purpose: writes the staged rows whose key is not there
-- params: none; {{table}}, {{stage}}, {{columns}}, {{values}}, {{match}}, {{identityOn}}, {{identityOff}}
-- returns: nothing (script)
{{identityOn}}
INSERT INTO {{table}} ({{columns}}) SELECT {{values}} FROM {{stage}} s WHERE NOT EXISTS (SELECT 1 FROM {{table}} t WHERE {{match}});
{{identityOff}}
