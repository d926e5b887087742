-- purpose: writes staged rows one by one and leaves out those that a unique index refuses (script)
-- params: none; {{table}}, {{stage}}, {{columns}}, {{values}}, {{count}}, {{identityOn}}, {{identityOff}}
-- returns: nothing
SET XACT_ABORT OFF;
{{identityOn}}
DECLARE @at int, @message nvarchar(2000);
SET @at = 0;
WHILE @at < {{count}}
BEGIN
  BEGIN TRY
    INSERT INTO {{table}} ({{columns}}) SELECT {{values}} FROM {{stage}} s WHERE s.c0 = @at;
  END TRY
  BEGIN CATCH
    SET @message = ERROR_MESSAGE();
    IF ERROR_NUMBER() NOT IN (2601, 2627) RAISERROR(@message, 16, 1);
  END CATCH
  SET @at = @at + 1;
END;
{{identityOff}}
SET XACT_ABORT ON;
