-- purpose: journals keys again
-- params: the keys, one array of text for each column; {{journal}}, {{journalKeys}}, {{values}}, {{arrays}}, {{names}}
-- returns: nothing
INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{values}} FROM unnest({{arrays}}) AS s({{names}})
