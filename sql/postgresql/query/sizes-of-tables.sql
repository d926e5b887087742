-- purpose: about how large the tables are; rows as the planner reckons them: by the density of the last ANALYZE or VACUUM, 0 where there was none
-- params: the schemas; {{schemas}}
-- returns: schema, name, rows, bytes
SELECT n.nspname AS schema, c.relname AS name, pg_table_size(c.oid) AS bytes,
  CASE WHEN c.relpages > 0 THEN round(greatest(c.reltuples, 0)::numeric * pg_relation_size(c.oid)
    / (c.relpages * current_setting('block_size')::numeric)) ELSE 0 END AS rows
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}}) AND c.relkind = 'r'
