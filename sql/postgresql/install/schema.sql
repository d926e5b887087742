-- purpose: creates what SpareSync keeps in the database (script)
-- params: none; {{version}}, {{history}}: literals
-- returns: nothing
CREATE SCHEMA sparesync;
CREATE TABLE sparesync.meta (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  version integer NOT NULL,
  history text NOT NULL,
  parent_history text NOT NULL DEFAULT '',
  parent_point bigint NOT NULL DEFAULT 0,
  parent_attempt text NOT NULL DEFAULT '',
  shipped_point bigint NOT NULL DEFAULT 0,
  sending_point bigint NOT NULL DEFAULT 0,
  sending_attempt text NOT NULL DEFAULT '',
  sending_snapshot text NOT NULL DEFAULT '',
  epoch bigint NOT NULL DEFAULT 0,
  mode text NOT NULL DEFAULT 'open' CHECK (mode IN ('open', 'closed', 'standby')),
  promoted_epoch bigint NOT NULL DEFAULT 0,
  has_been_source boolean NOT NULL DEFAULT false,
  capture_off_because text NOT NULL DEFAULT '',
  is_copy_requested boolean NOT NULL DEFAULT false,
  verified_at_ms bigint NOT NULL DEFAULT 0,
  chunks_read bigint NOT NULL DEFAULT 0
);
CREATE TABLE sparesync.tables (
  n integer PRIMARY KEY,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  key_shape text NOT NULL,
  mark text NOT NULL,
  shape text NOT NULL,
  watched text[] NOT NULL,
  file oid,
  versions text,
  places jsonb,
  held_mark text,
  UNIQUE (schema_name, table_name)
);
CREATE TABLE sparesync.applied (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  history text NOT NULL,
  point bigint NOT NULL,
  attempt text NOT NULL,
  stage text NOT NULL CHECK (stage IN ('copying', 'catching-up', 'adopted', 'complete')),
  complete_up_to_ms bigint NOT NULL
);
CREATE TABLE sparesync.copied (
  table_label text PRIMARY KEY,
  chunk integer NOT NULL,
  last_key text,
  is_done boolean NOT NULL,
  copied_rows bigint NOT NULL,
  mark text NOT NULL,
  newest_chunk bigint NOT NULL DEFAULT 0
);
CREATE TABLE sparesync.sequences (
  schema_name text NOT NULL,
  sequence_name text NOT NULL,
  value bigint NOT NULL,
  PRIMARY KEY (schema_name, sequence_name)
);
CREATE TABLE sparesync.rebuilds (
  n integer PRIMARY KEY,
  table_label text NOT NULL,
  statement text NOT NULL
);
INSERT INTO sparesync.meta (version, history) VALUES ({{version}}, {{history}});
GRANT USAGE ON SCHEMA sparesync TO PUBLIC;
