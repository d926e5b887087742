-- purpose: where the sequences are; read after the rows, so never behind them
-- params: 1 schemas
-- returns: schema, name, value
COPY (SELECT schemaname, sequencename, last_value FROM pg_sequences
WHERE schemaname = ANY ($1::text[]) AND last_value IS NOT NULL) TO STDOUT
