-- purpose: deletes the journal rows below the bound, few at a time, so that no lock covers the table (script)
-- params: none; {{journal}}, {{low}}
-- returns: nothing
DECLARE @deleted int;
SET @deleted = 1;
WHILE @deleted > 0
BEGIN
  DELETE TOP (4000) FROM sparesync.{{journal}} WHERE rv < {{low}};
  SET @deleted = @@ROWCOUNT;
END
