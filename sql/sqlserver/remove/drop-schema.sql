-- purpose: drops the empty schema; a batch of its own, for the server compiles one as a whole
-- params: none
-- returns: nothing
DROP SCHEMA sparesync
