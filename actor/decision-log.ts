import { appendFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import { readFileIfExists } from "../shared/atomic-file.js";
import { decisionRecord, type DecisionRecord } from "./core/decision-record.js";

/** The decisions of this actor, oldest first on disk. */
export interface DecisionLogPort {
  /** Adds one. Rejects when it cannot be written; the decision stands all the same. */
  append(record: DecisionRecord): Promise<void>;
  /** The last ones, newest first, at most `limit`. */
  list(limit: number): Promise<readonly DecisionRecord[]>;
}

/** Twice this is what the decisions may take on disk: some thousand of them. */
const largestFileBytes = 4_000_000;

/** One JSON object a line in `decisions.jsonl` of the state directory; the file before it is kept as well. */
export function createDecisionLog(stateDirectory: string, limitBytes = largestFileBytes): DecisionLogPort {
  const file = path.join(stateDirectory, "decisions.jsonl");
  const former = `${file}.1`;
  return {
    async append(record) {
      const size = await stat(file).then(
        ({ size: bytes }) => bytes,
        () => 0,
      );
      if (size >= limitBytes) await rename(file, former);
      await appendFile(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    },
    async list(limit) {
      const texts = [(await readFileIfExists(former)) ?? "", (await readFileIfExists(file)) ?? ""];
      const lines = texts.join("").split("\n").reverse();
      const found: DecisionRecord[] = [];
      for (const line of lines) {
        if (found.length >= limit) break;
        const record = readLine(line);
        if (record) found.push(record);
      }
      return found;
    },
  };
}

/** A line that a kill has cut short, or of a version with other criteria, is passed over. */
function readLine(line: string): DecisionRecord | undefined {
  if (line === "") return undefined;
  try {
    return decisionRecord.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
