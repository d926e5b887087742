-- purpose: what names each row of a range, and its hash
-- params: the keys before and at the end of the range; {{table}}, {{keys}}, {{hash}}, {{range}}
-- returns: key columns, hash, as text
SELECT {{keys}}, ({{hash}})::text FROM ONLY {{table}} t {{range}}
