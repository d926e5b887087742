-- purpose: takes a trigger of ours away
-- params: none; {{trigger}}
-- returns: nothing
DROP TRIGGER {{trigger}}
