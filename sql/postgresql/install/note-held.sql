-- purpose: notes of a table, if it still has this mark, that the other server holds what was written here under it
-- params: 1 labels, 2 marks
-- returns: nothing
UPDATE sparesync.tables i SET held_mark = i.mark FROM unnest($1::text[], $2::text[]) AS h(label, mark)
WHERE i.schema_name || '.' || i.table_name = h.label AND i.mark = h.mark
