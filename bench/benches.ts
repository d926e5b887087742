import type { Bench } from "./bench.js";
import { databaseCases } from "./database/cases.js";
import { failoverCases } from "./failover/cases.js";
import { fileCases } from "./files/cases.js";
import { scrapeCases } from "./scrape/cases.js";
import { sqlServerCases } from "./sqlserver/cases.js";

/** All benches: `npm run bench -- <name>`. */
export const benches: readonly Bench[] = [
  { name: "files", title: "synchronisation of files", cases: fileCases },
  { name: "database", title: "synchronisation of databases", cases: databaseCases },
  { name: "scrape", title: "scrapes of the exporter", cases: scrapeCases },
  { name: "failover", title: "from the loss of the primary to the new address", cases: failoverCases },
  { name: "sqlserver", title: "synchronisation of databases over TDS", cases: sqlServerCases },
];
