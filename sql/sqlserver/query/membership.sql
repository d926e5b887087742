-- purpose: whether this login may do what an installation and an apply need
-- params: none
-- returns: is_owner, may_silence
SELECT CAST(IS_MEMBER('db_owner') AS varchar(5)) AS is_owner, '1' AS may_silence
