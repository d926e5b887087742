-- purpose: journals every key a table has
-- params: none; {{journal}}, {{journalKeys}}, {{keys}}, {{table}}
-- returns: nothing
INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{keys}} FROM {{table}} t
