import path from "node:path";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import type { DrillPort } from "./drill-port.js";

/** The kept drills: one file of the state directory. */
export function createDrillFile(stateDirectory: string): Pick<DrillPort, "read" | "write"> {
  const file = path.join(stateDirectory, "drills.json");
  return {
    read: async () => {
      const text = await readFileIfExists(file);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    write: (document) => writeFileAtomically(file, `${JSON.stringify(document, undefined, 2)}\n`),
  };
}
