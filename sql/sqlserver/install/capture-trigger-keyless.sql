-- purpose: as install/capture-trigger, for a table without a key: notes the images of rows before and after
-- params: none; {{trigger}}, {{table}}, {{journal}}, {{insertedImage}}, {{deletedImage}}
-- returns: nothing
CREATE TRIGGER {{trigger}} ON {{table}} AFTER INSERT, UPDATE, DELETE AS
BEGIN
  IF CAST(CONTEXT_INFO() AS binary(8)) = 0x535041524553594E RETURN;
  SET NOCOUNT ON;
  SET ROWCOUNT 0;
  INSERT INTO sparesync.{{journal}} (k1) SELECT {{insertedImage}} FROM inserted i;
  INSERT INTO sparesync.{{journal}} (k1) SELECT {{deletedImage}} FROM deleted d;
END
