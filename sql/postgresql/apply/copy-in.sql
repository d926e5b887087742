-- purpose: writes rows as COPY reads them
-- params: none; {{table}}, {{columns}}
-- returns: nothing
COPY {{table}} ({{columns}}) FROM STDIN
