-- purpose: stops journalling one table and empties its journal; the lock on the table comes first, so no writer is in it
-- params: none; {{table}}, {{journal}}, {{trigger}}
-- returns: nothing (script)
ALTER TABLE {{table}} DISABLE TRIGGER {{trigger}};
TRUNCATE TABLE sparesync.{{journal}};
