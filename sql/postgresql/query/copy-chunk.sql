-- purpose: a run of rows in the order of what names them; equal images of a table without a key are not parted
-- params: the last key; {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns
COPY (SELECT {{columns}} FROM ONLY {{table}} t {{after}} ORDER BY {{order}} FETCH FIRST {{count}} ROWS WITH TIES) TO STDOUT
