-- purpose: how much of a table one large journal names; rows as the planner estimates them, by the size the table has now
-- params: none; {{n}}, {{journal}}, {{table}} (a text)
-- returns: n, journalled, may_be_gone (numbers of journal rows), table_rows
SELECT {{n}} AS n, j.journalled, j.may_be_gone,
  pg_relation_size(c.oid) / current_setting('block_size')::numeric
    * CASE WHEN c.relpages > 0 THEN c.reltuples / c.relpages ELSE 80 END AS table_rows
FROM pg_catalog.pg_class c,
  (SELECT count(*) AS journalled, count(*) FILTER (WHERE may_be_gone) AS may_be_gone FROM sparesync.{{journal}}) j
WHERE c.oid = {{table}}::regclass
