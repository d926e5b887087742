-- purpose: writes staged rows one by one and leaves out those that a unique index refuses; any other error ends it (script)
-- params: none; {{table}}, {{stage}}, {{columns}}, {{values}}, {{count}}, {{identityOn}}, {{identityOff}}
-- returns: nothing
SET XACT_ABORT OFF;
{{identityOn}}
DECLARE @at int, @message nvarchar(2000);
SET @at = 0;
WHILE @at < {{count}} AND @message IS NULL
BEGIN
  BEGIN TRY
    INSERT INTO {{table}} ({{columns}}) SELECT {{values}} FROM {{stage}} s WHERE s.c0 = @at;
  END TRY
  BEGIN CATCH
    IF ERROR_NUMBER() NOT IN (2601, 2627) SET @message = ERROR_MESSAGE();
  END CATCH
  SET @at = @at + 1;
END;
{{identityOff}}
SET XACT_ABORT ON;
-- The message may hold anything, also what would be a format.
IF @message IS NOT NULL RAISERROR(N'%s', 16, 1, @message);
