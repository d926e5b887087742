-- purpose: takes every trace of SpareSync away; journals and triggers went before
-- params: none
-- returns: nothing (script)
DROP TABLE sparesync.seen;
DROP TABLE sparesync.silenced;
DROP TABLE sparesync.sequences;
DROP TABLE sparesync.copied;
DROP TABLE sparesync.applied;
DROP TABLE sparesync.tables;
DROP TABLE sparesync.meta;
