-- purpose: keeps where the identities and sequences of the source are, all of them, for the promotion (script)
-- params: none; {{stage}}
-- returns: nothing
UPDATE q SET value = CAST(s.c3 AS decimal(38, 0)) FROM sparesync.sequences q JOIN {{stage}} s
  ON q.schema_name = s.c1 AND q.sequence_name = s.c2 WHERE q.value <> CAST(s.c3 AS decimal(38, 0));
INSERT INTO sparesync.sequences (schema_name, sequence_name, value)
SELECT s.c1, s.c2, CAST(s.c3 AS decimal(38, 0)) FROM {{stage}} s
WHERE NOT EXISTS (SELECT 1 FROM sparesync.sequences q WHERE q.schema_name = s.c1 AND q.sequence_name = s.c2);
DELETE q FROM sparesync.sequences q
WHERE NOT EXISTS (SELECT 1 FROM {{stage}} s WHERE s.c1 = q.schema_name AND s.c2 = q.sequence_name);
