-- purpose: takes a trigger of ours away, wherever its table has been moved to (script)
-- params: none; {{name}}: literal
-- returns: nothing
DECLARE @drop nvarchar(600);
SELECT @drop = N'DROP TRIGGER ' + QUOTENAME(SCHEMA_NAME(t.schema_id)) + N'.' + QUOTENAME(r.name)
FROM sys.triggers r JOIN sys.tables t ON t.object_id = r.parent_id WHERE r.name = {{name}};
IF @drop IS NOT NULL EXEC(@drop);
