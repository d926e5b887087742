-- purpose: notes the keys of changed rows; leaves @@IDENTITY, row counts and ROWCOUNT of the application as they are
-- params: none; {{trigger}}, {{table}}, {{journal}}, {{journalKeys}}, {{insertedKeys}}, {{deletedKeys}}, {{isKeyUpdated}}, {{isSameKey}}
-- returns: nothing
CREATE TRIGGER {{trigger}} ON {{table}} AFTER INSERT, UPDATE, DELETE AS
BEGIN
  IF CAST(CONTEXT_INFO() AS binary(8)) = 0x535041524553594E RETURN;
  SET NOCOUNT ON;
  SET ROWCOUNT 0;
  IF EXISTS (SELECT 1 FROM inserted)
  BEGIN
    INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{insertedKeys}} FROM inserted i;
    IF ({{isKeyUpdated}}) AND EXISTS (SELECT 1 FROM deleted)
      INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{deletedKeys}} FROM deleted d
      WHERE NOT EXISTS (SELECT 1 FROM inserted i WHERE {{isSameKey}});
  END
  ELSE
    INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{deletedKeys}} FROM deleted d;
END
