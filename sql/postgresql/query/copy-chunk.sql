-- purpose: a run of rows in the order of what names them; equal images of a table without a key are not parted
-- params: none (COPY takes none: the last key is in settings of the transaction); {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns, as COPY writes them
COPY (SELECT {{columns}} FROM ONLY {{table}} t {{after}} ORDER BY {{order}} FETCH FIRST {{count}} ROWS WITH TIES) TO STDOUT
