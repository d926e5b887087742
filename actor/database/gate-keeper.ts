import { errorMessage } from "../../shared/core/app-error.js";
import type { DataRole } from "../sync-part.js";
import type { GateMode } from "./engine.js";
import type { SideIo } from "./side.js";

/** While the gate of an active database is closed its application is refused. */
const lookEveryMs = 2_000;

type KeeperIo = Pick<SideIo, "engine" | "settings" | "log" | "clock">;

const meanings: Readonly<Record<GateMode, string>> = {
  open: "they refused writers of the active database: triggers were enabled by another hand, so what was written while they were disabled may be in no journal, and these tables are copied again",
  standby:
    "they let writers into a target: triggers were disabled by another hand, and what was written there is told by a verification alone",
};

/** Puts the write gates right that somebody has moved by enabling or disabling triggers, and says which. Rejects with the first failure, after all were tried. */
export async function putGatesRight(
  { engine, settings, log }: Omit<KeeperIo, "clock">,
  mode: GateMode,
  signal: AbortSignal,
): Promise<void> {
  const tables: string[] = [];
  const failures: unknown[] = [];
  for (const table of await engine.readWrongGates(mode, signal)) {
    try {
      if (await engine.mendGate(table, mode, signal)) tables.push(table);
    } catch (error) {
      failures.push(error);
    }
  }
  if (tables.length > 0) {
    log.warn("database-gates-put-right", { database: settings.name, tables, because: meanings[mode] });
  }
  if (failures.length > 0) throw failures[0];
}

/** Looks after the gates of one role until the signal ends it; beside everything else, for a copy may take hours. */
export async function keepGates(
  io: KeeperIo,
  role: Exclude<DataRole["role"], "idle">,
  isPrepared: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, settings } = io;
  let told = "";
  for (;;) {
    await clock.sleep(lookEveryMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    if (!isPrepared()) continue;
    const because = await putGatesRight(io, role === "source" ? "open" : "standby", signal).then(
      () => "",
      errorMessage,
    );
    const isNews = because !== "" && because !== told && !isOver(signal);
    if (isNews) log.warn("database-gates-not-put-right", { database: settings.name, because });
    told = because;
  }
}

/** Asked anew: a signal changes while something is awaited. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
