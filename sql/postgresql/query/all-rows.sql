-- purpose: opens the cursor over a whole table, for a backup
-- params: none; {{table}}, {{columns}}
-- returns: copied columns as text
DECLARE sparesync_rows NO SCROLL CURSOR FOR SELECT {{columns}} FROM ONLY {{table}} t
