-- purpose: takes the journal of one table away; its triggers went before (script)
-- params: none; {{n}}, {{journal}}
-- returns: nothing
IF OBJECT_ID('sparesync.{{journal}}') IS NOT NULL DROP TABLE sparesync.{{journal}};
DELETE FROM sparesync.tables WHERE n = {{n}};
