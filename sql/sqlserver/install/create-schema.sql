-- purpose: creates the schema; it belongs to dbo, so that triggers reach it in everybody's name
-- params: none
-- returns: nothing
CREATE SCHEMA sparesync AUTHORIZATION dbo
