-- purpose: tables that were emptied or written anew after the snapshot of this transaction: their rows of then are gone, and it reads nothing or too little
-- params: none; {{tables}}: literals
-- returns: table (as it was asked for)
COPY (SELECT t.name FROM unnest(ARRAY[{{tables}}]::text[]) AS t(name) LEFT JOIN pg_class c ON c.oid = t.name::regclass
WHERE c.relfilenode IS DISTINCT FROM pg_relation_filenode(t.name::regclass)) TO STDOUT
