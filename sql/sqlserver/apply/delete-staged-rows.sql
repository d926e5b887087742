-- purpose: deletes the rows of staged keys
-- params: none; {{table}}, {{stage}}, {{match}}
-- returns: nothing
DELETE t FROM {{table}} t JOIN {{stage}} s ON {{match}}
