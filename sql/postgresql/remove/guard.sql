-- purpose: takes the guard away; it belongs to the database, not to the schema
-- params: none
-- returns: nothing
DROP EVENT TRIGGER IF EXISTS sparesync_guard
