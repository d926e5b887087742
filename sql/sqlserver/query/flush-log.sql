-- purpose: has all that is committed in this database on the disk, where commits need not wait for it; SQL Server 2014 and newer (script)
-- params: none
-- returns: nothing
IF EXISTS (SELECT 1 FROM sys.databases d WHERE d.database_id = DB_ID() AND d.delayed_durability <> 0)
BEGIN
  DECLARE @outcome int;
  EXEC @outcome = sys.sp_flush_log;
  IF @outcome NOT IN (0, 1) RAISERROR(N'SpareSync: sp_flush_log answered %d', 16, 1, @outcome);
END
