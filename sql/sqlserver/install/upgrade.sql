-- purpose: brings what version 3 left in the database to this one, which took every table of a source for one that the other server holds; journals, gates and position stay (script)
-- params: none; {{version}}
-- returns: nothing
UPDATE sparesync.tables SET held_mark = mark WHERE (SELECT m.mode FROM sparesync.meta m) <> 'standby';
UPDATE sparesync.meta SET version = {{version}};
