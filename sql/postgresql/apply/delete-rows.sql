-- purpose: deletes the rows of these keys
-- params: the keys, one array of text for each column; {{table}}, {{values}}, {{arrays}}, {{names}}, {{match}}
-- returns: nothing
DELETE FROM ONLY {{table}} t USING (SELECT {{values}} FROM unnest({{arrays}}) AS s({{names}})) j WHERE {{match}}
