-- purpose: Babelfish: as sql/sqlserver/install/schema.sql, the journal's order being transaction numbers (script)
-- params: none; {{version}}, {{history}}: literals
-- returns: nothing
CREATE TABLE sparesync.meta (
  only_one int NOT NULL DEFAULT 1 PRIMARY KEY CHECK (only_one = 1),
  version int NOT NULL,
  history varchar(64) NOT NULL,
  parent_history varchar(64) NOT NULL DEFAULT '',
  parent_point bigint NOT NULL DEFAULT 0,
  parent_attempt varchar(64) NOT NULL DEFAULT '',
  shipped_point bigint NOT NULL DEFAULT 0,
  sending_point bigint NOT NULL DEFAULT 0,
  sending_attempt varchar(64) NOT NULL DEFAULT '',
  sending_snapshot varchar(64) NOT NULL DEFAULT '',
  epoch bigint NOT NULL DEFAULT 0,
  mode varchar(10) NOT NULL DEFAULT 'open' CHECK (mode IN ('open', 'closed', 'standby')),
  promoted_epoch bigint NOT NULL DEFAULT 0,
  has_been_source int NOT NULL DEFAULT 0,
  is_snapshot_ours int NOT NULL DEFAULT 0,
  capture_off_because nvarchar(2000) NOT NULL DEFAULT '',
  is_copy_requested int NOT NULL DEFAULT 0,
  verified_at_ms bigint NOT NULL DEFAULT 0,
  chunks_read bigint NOT NULL DEFAULT 0
);
CREATE TABLE sparesync.tables (
  n int NOT NULL PRIMARY KEY,
  schema_name nvarchar(128) NOT NULL,
  table_name nvarchar(128) NOT NULL,
  key_shape nvarchar(max) NOT NULL,
  mark varchar(64) NOT NULL,
  shape nvarchar(max) NOT NULL,
  places nvarchar(max) NULL,
  held_mark varchar(64) NULL
);
CREATE TABLE sparesync.applied (
  only_one int NOT NULL DEFAULT 1 PRIMARY KEY CHECK (only_one = 1),
  history varchar(64) NOT NULL,
  point bigint NOT NULL,
  attempt varchar(64) NOT NULL,
  stage varchar(20) NOT NULL CHECK (stage IN ('copying', 'catching-up', 'adopted', 'complete')),
  complete_up_to_ms bigint NOT NULL
);
CREATE TABLE sparesync.copied (
  table_label nvarchar(300) NOT NULL PRIMARY KEY,
  chunk int NOT NULL,
  last_key nvarchar(max) NULL,
  is_done int NOT NULL,
  copied_rows bigint NOT NULL,
  mark varchar(200) NOT NULL,
  newest_chunk bigint NOT NULL DEFAULT 0
);
CREATE TABLE sparesync.sequences (
  schema_name nvarchar(128) NOT NULL,
  sequence_name nvarchar(128) NOT NULL,
  value decimal(38, 0) NOT NULL,
  PRIMARY KEY (schema_name, sequence_name)
);
CREATE TABLE sparesync.silenced (
  kind varchar(10) NOT NULL CHECK (kind IN ('trigger', 'foreign-key', 'distrusted')),
  schema_name nvarchar(128) NOT NULL,
  table_name nvarchar(128) NOT NULL,
  name nvarchar(128) NOT NULL,
  is_trusted int NOT NULL,
  PRIMARY KEY (schema_name, table_name, name)
);
CREATE TABLE sparesync.seen (attempt varchar(64) NOT NULL, n int NOT NULL, rv bigint NOT NULL, PRIMARY KEY (attempt, n, rv));
INSERT INTO sparesync.meta (version, history) VALUES ({{version}}, {{history}});
