-- purpose: Babelfish has no MIN_ACTIVE_ROWVERSION: the oldest transaction that still runs
-- params: none
-- returns: low
SELECT CAST(txid_snapshot_xmin(txid_current_snapshot()) AS varchar(20)) AS low
