import type { Bench } from "./bench.js";
import { fileCases } from "./files/cases.js";
import { sqlServerCases } from "./sqlserver/cases.js";

/** All benches: `npm run bench -- <name>`. */
export const benches: readonly Bench[] = [
  { name: "files", title: "synchronisation of files", cases: fileCases },
  { name: "sqlserver", title: "synchronisation of databases over TDS", cases: sqlServerCases },
];
