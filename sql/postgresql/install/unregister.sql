-- purpose: takes the triggers, functions and journal of one table away (script)
-- params: none; {{n}}, {{journal}}
-- returns: nothing
DROP FUNCTION IF EXISTS sparesync.note_new_{{n}}() CASCADE;
DROP FUNCTION IF EXISTS sparesync.note_old_{{n}}() CASCADE;
DROP FUNCTION IF EXISTS sparesync.note_moved_{{n}}() CASCADE;
DROP FUNCTION IF EXISTS sparesync.note_truncate_{{n}}() CASCADE;
DROP FUNCTION IF EXISTS sparesync.is_moved_{{n}}(anyelement, anyelement) CASCADE;
DROP TABLE IF EXISTS sparesync.{{journal}};
DELETE FROM sparesync.tables WHERE n = {{n}};
