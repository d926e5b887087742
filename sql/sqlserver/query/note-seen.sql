-- purpose: notes the young journal rows that this snapshot saw; all older ones were seen anyway
-- params: 1 attempt; {{n}}, {{journal}}, {{low}}
-- returns: nothing
INSERT INTO sparesync.seen (attempt, n, rv) SELECT DISTINCT @p1, {{n}}, rv FROM sparesync.{{journal}} WHERE rv >= {{low}}
