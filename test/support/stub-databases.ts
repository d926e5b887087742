import { createDatabaseTasks } from "../../actor/database/run-tasks.js";
import { rememberLog } from "./log-memory.js";
import { loopbackClock } from "./loopback-clock.js";

const nothing = { isComplete: true, tables: 0, rows: 0, differences: 0, repaired: 0, unverified: [], found: [] };

/** The tasks of an actor with one database, "shop", in which nothing is ever to be done. */
export const stubDatabases = createDatabaseTasks({
  databases: [{ name: "shop" }],
  sync: {
    verify: () => Promise.resolve(nothing),
    reinitialise: () => Promise.resolve(),
    declareSame: () => Promise.resolve(),
  },
  clock: loopbackClock,
  log: rememberLog(),
  recordAct: () => undefined,
});
