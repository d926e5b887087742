-- purpose: the hashes of the rows of these keys
-- params: none; {{table}}, {{stage}}, {{match}}, {{hash}}
-- returns: place of the key, hash
SELECT s.c0 AS place, CAST({{hash}} AS varchar(40)) AS [hash] FROM {{stage}} s JOIN {{table}} t ON {{match}}
