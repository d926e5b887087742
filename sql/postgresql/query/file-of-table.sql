-- purpose: which file holds a table, another one after each time that it was rewritten, and how many pages it has
-- params: {{table}}: literal
-- returns: file, pages
SELECT pg_relation_filenode({{table}}::regclass) AS file,
  pg_relation_size({{table}}::regclass) / current_setting('block_size')::bigint AS pages
