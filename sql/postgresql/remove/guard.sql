-- purpose: takes the guard away; its event triggers belong to the database, not to the schema
-- params: none
-- returns: nothing
DROP FUNCTION IF EXISTS sparesync.guard_schema() CASCADE
