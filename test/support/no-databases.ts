import { createDatabaseTasks } from "../../actor/database/run-tasks.js";
import { rememberLog } from "./log-memory.js";
import { loopbackClock } from "./loopback-clock.js";

const never = (): Promise<never> => Promise.reject(new Error("there is no database"));

/** The tasks of an actor without databases. */
export const noDatabases = createDatabaseTasks({
  databases: [],
  sync: { verify: never, reinitialise: never, declareSame: never },
  clock: loopbackClock,
  log: rememberLog(),
});
