import type { JsonObject } from "../../shared/core/json.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { SimulatedHost } from "./simulated-host.js";

/** What the processes of a server log, with the virtual time; the world hears of it as well. */
export function createSimulatedLog(host: SimulatedHost): LoggerPort {
  const { world, name, log } = host;
  const write =
    (level: string) =>
    (event: string, fields?: JsonObject): void => {
      log.push(`${(world.time.nowMs / 1000).toFixed(2)} ${name} ${level} ${event} ${JSON.stringify(fields ?? {})}`);
      world.noteEvent(name, event, fields ?? {});
    };
  return { debug: () => undefined, info: write("info"), warn: write("warn"), error: write("error") };
}
