-- purpose: a whole table, for a backup
-- params: none; {{table}}, {{columns}}
-- returns: copied columns
COPY (SELECT {{columns}} FROM ONLY {{table}} t) TO STDOUT
