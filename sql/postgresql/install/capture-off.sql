-- purpose: stops journalling one table and empties its journal; the lock on the table comes first, so no writer is in it (script)
-- params: none; {{table}}, {{journal}}, {{disable}}
-- returns: nothing
ALTER TABLE {{table}} {{disable}};
TRUNCATE sparesync.{{journal}};
