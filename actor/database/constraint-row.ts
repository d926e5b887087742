import { tableLabel } from "../core/journal-schema.js";
import type { ConstraintRow } from "../core/table-constraints.js";

/** A line of query/constraints, in any dialect. */
export function constraintRowOf(row: Readonly<Record<string, string | null>>): ConstraintRow {
  const { points_schema: schema, points_name: name } = row;
  return {
    table: tableLabel({ schema: row["schema"] ?? "", name: row["name"] ?? "" }),
    kind: row["kind"] ?? "",
    name: row["constraint_name"] ?? "",
    says: row["says"] ?? "",
    part: row["part"] ?? undefined,
    pointsTo: schema && name ? tableLabel({ schema, name }) : undefined,
  };
}
