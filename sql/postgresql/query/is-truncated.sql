-- purpose: whether the journal notes a truncation
-- params: none; {{journal}}, {{isTruncation}}
-- returns: is_truncated
SELECT EXISTS (SELECT FROM sparesync.{{journal}} WHERE {{isTruncation}}) AS is_truncated
