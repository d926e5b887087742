-- purpose: brings what the version before left in the database to this one; journals, gates and position stay (script)
-- params: none; {{version}}
-- returns: nothing
UPDATE sparesync.meta SET version = {{version}}
