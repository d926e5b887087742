-- purpose: forgets the sequences that the source has no more, or that have given out nothing there
-- params: 1 schemas, 2 names of those that it has
-- returns: nothing
DELETE FROM sparesync.sequences q WHERE NOT EXISTS
  (SELECT FROM unnest($1::text[], $2::text[]) AS s(a, b) WHERE s.a = q.schema_name AND s.b = q.sequence_name)
