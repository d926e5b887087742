-- purpose: settings of the actor's session; its CONTEXT_INFO ("SPARESYN") is what the triggers know it by (script)
-- params: none; {{lockLimit}} in milliseconds
-- returns: nothing
SET LOCK_TIMEOUT {{lockLimit}};
SET DEADLOCK_PRIORITY LOW;
SET CONTEXT_INFO 0x535041524553594E;
