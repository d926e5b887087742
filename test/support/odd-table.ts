/** A table with awkward names and nearly every type, and rows with their limits. */
export const oddTable = {
  ddl: `CREATE TYPE mood AS ENUM ('ok', 'it''s "odd"');
        CREATE DOMAIN word AS varchar(20) NOT NULL;
        CREATE TABLE "Tä""b le"("Key ""x" word, "a,b" int GENERATED ALWAYS AS IDENTITY, "select" text, n numeric, p numeric(38,10),
          b bytea, j jsonb, js json, ts timestamptz, tsn timestamp, i interval, d date, arr text[], arr2 int[][], m mood,
          f float8, r real, u uuid, c char(5), bp bpchar, x bit varying, ip inet, rng int4range, bo boolean,
          g int GENERATED ALWAYS AS (length("select")) STORED, PRIMARY KEY ("Key ""x", "a,b"))`,
  columns: `"Key ""x", "select", n, p, b, j, js, ts, tsn, i, d, arr, arr2, m, f, r, u, c, bp, x, ip, rng, bo`,
  rows: `('k1', E'tab\\t nl\\n cr\\r bs\\\\ \\u2028 nul-free 😀 "q" ''s'' {}', 1.10, 12345678901234567890.0123456789, '\\x00ff5c', '{"a":[1,null,"ü"]}',
          '{"b" : 1,  "b":2}', '2024-02-29 23:59:59.999999+05:30', 'infinity', '1 mon -2 days 03:04:05.000006', '0044-03-15 BC', ARRAY['a,b', NULL, '"', '\\'],
          '{{1,2},{3,NULL}}', 'it''s "odd"', 1e-300, 'NaN', gen_random_uuid(), 'ab ', 'trail  ', '10101', '10.0.0.1/8', '[1,5)', true),
        ('k2', NULL, 'NaN', NULL, '', 'null', NULL, '-infinity', NULL, NULL, 'infinity', '{}', NULL, NULL, '-0', '3.4028235e38', NULL, NULL, NULL, '', NULL, 'empty', false),
        ('', '', 1e100, -0.0000000001, NULL, '[]', '[]', '0001-01-01 00:00:00+00 BC', '1999-01-01', '-00:00:01', NULL, NULL, '{}', 'ok', 0.1, 0.1, NULL, '', '', '', '::1', NULL, NULL)`,
};
