-- purpose: creates a staging table of this session
-- params: none; {{stage}}, {{columns}}
-- returns: nothing
CREATE TABLE {{stage}} ({{columns}})
