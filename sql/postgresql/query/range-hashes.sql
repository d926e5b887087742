-- purpose: what names each row of a range, and its hash
-- params: the keys before and at the end of the range; {{table}}, {{keys}}, {{hash}}, {{range}}
-- returns: the key, hash
SELECT {{keys}}, ({{hash}})::text FROM ONLY {{table}} t {{range}}
