-- purpose: writes staged rows over those with the same key
-- params: none; {{table}}, {{stage}}, {{match}}, {{sets}}
-- returns: nothing
UPDATE t SET {{sets}} FROM {{table}} t JOIN {{stage}} s ON {{match}}
