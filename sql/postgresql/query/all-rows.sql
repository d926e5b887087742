-- purpose: a whole table, for a backup
-- params: none; {{table}}, {{columns}}
-- returns: copied columns, as COPY writes them
COPY (SELECT {{columns}} FROM ONLY {{table}} t) TO STDOUT
