-- purpose: the bound below which every journal row belongs to a transaction that is over; asked before the snapshot
-- params: none
-- returns: low
SELECT CAST(CAST(MIN_ACTIVE_ROWVERSION() AS bigint) AS varchar(20)) AS low
