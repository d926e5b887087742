import { createRequire } from "node:module";
import type sql from "mssql";

const require = createRequire(import.meta.url);

/** Loaded at its first use: it takes a third of the program's start, and most pairs have no SQL Server. */
export function driver(): typeof sql {
  return require("mssql") as typeof sql;
}
