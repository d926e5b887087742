-- purpose: refuses the application's writes while it is enabled
-- params: none; {{trigger}}, {{table}}, {{message}}
-- returns: nothing
CREATE TRIGGER {{trigger}} ON {{table}} AFTER INSERT, UPDATE, DELETE AS
BEGIN
  IF CAST(CONTEXT_INFO() AS binary(8)) = 0x535041524553594E RETURN;
  SET NOCOUNT ON;
  RAISERROR({{message}}, 16, 1);
  ROLLBACK TRANSACTION;
END
