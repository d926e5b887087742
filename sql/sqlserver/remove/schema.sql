-- purpose: takes every trace of SpareSync away; journals and triggers went before (script)
-- params: none
-- returns: nothing
DROP TABLE sparesync.seen;
DROP TABLE sparesync.silenced;
DROP TABLE sparesync.sequences;
DROP TABLE sparesync.copied;
DROP TABLE sparesync.applied;
DROP TABLE sparesync.tables;
DROP TABLE sparesync.meta;
