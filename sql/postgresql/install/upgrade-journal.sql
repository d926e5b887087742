-- purpose: brings the journal of one table to this version; what waits in it stays
-- params: none; {{journal}}
-- returns: nothing
ALTER TABLE sparesync.{{journal}} ADD COLUMN IF NOT EXISTS may_be_gone boolean NOT NULL DEFAULT true
