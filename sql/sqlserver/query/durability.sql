-- purpose: whether a commit waits until it is on the disk; SQL Server 2014 and newer
-- params: none
-- returns: delayed_durability: DISABLED, ALLOWED or FORCED
SELECT CAST(d.delayed_durability_desc AS varchar(60)) AS delayed_durability FROM sys.databases d WHERE d.database_id = DB_ID()
