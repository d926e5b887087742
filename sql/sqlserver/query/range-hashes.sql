-- purpose: the hash of each row of a range
-- params: the keys before and at the end of the range; {{table}}, {{keys}}, {{hash}}, {{range}}
-- returns: the key, hash
SELECT {{keys}}, CAST({{hash}} AS varchar(40)) AS [hash] FROM {{table}} t {{range}}
