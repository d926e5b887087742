-- purpose: writes rows; {{conflict}} says what becomes of those that are there
-- params: the columns, one array of text each; {{table}}, {{columns}}, {{values}}, {{arrays}}, {{names}}, {{conflict}}
-- returns: nothing
INSERT INTO {{table}} AS t ({{columns}}) OVERRIDING SYSTEM VALUE
SELECT {{values}} FROM unnest({{arrays}}) AS s({{names}}) {{conflict}}
