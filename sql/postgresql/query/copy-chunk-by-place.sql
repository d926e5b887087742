-- purpose: a run of rows of a table without a key, in the order in which they lie in its file
-- params: 1 place behind which it begins, 2 place before which it ends; {{table}}, {{columns}}, {{count}}
-- returns: copied columns, place
COPY (SELECT {{columns}}, t.ctid FROM ONLY {{table}} t WHERE t.ctid > $1 AND t.ctid < $2 ORDER BY t.ctid LIMIT {{count}}) TO STDOUT
