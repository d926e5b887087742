/** Rows of one table of the source, and those of its journal: each stands for at most one row more or fewer. */
export interface CountedTable {
  readonly table: string;
  readonly rows: number;
  readonly pending: number;
}

/** Rows of both sides, the target's at the last point that was sent, with no point under way. */
export interface CountedSides {
  readonly source: readonly CountedTable[];
  /** By table. */
  readonly target: Readonly<Record<string, number>>;
}

/**
 * Tables that have more or fewer rows than the target has and the journal can explain: something was written there that
 * no trigger saw. What keeps the number of rows is not found this way.
 */
export function tablesWithUnseenWrites({ source, target }: CountedSides): readonly string[] {
  return source
    .filter(({ table, rows, pending }) => {
      const there = target[table];
      return there !== undefined && Math.abs(rows - there) > pending;
    })
    .map(({ table }) => table);
}
