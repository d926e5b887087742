-- purpose: journals keys again
-- params: none; {{journal}}, {{journalKeys}}, {{values}}, {{stage}}
-- returns: nothing
INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{values}} FROM {{stage}} s
