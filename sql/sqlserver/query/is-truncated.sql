-- purpose: whether the journal notes that the table was emptied
-- params: none; {{journal}}, {{readable}}
-- returns: is_truncated
SELECT CASE WHEN EXISTS (SELECT 1 FROM sparesync.{{journal}} WHERE k1 IS NULL{{readable}}) THEN '1' ELSE '0' END AS is_truncated
