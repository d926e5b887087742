import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { FaultName } from "./faults.js";

/** A line of the program, as it is compiled, and what stands in its place while the bug is planted. */
interface PlantedLine {
  readonly file: string;
  readonly line: string;
  readonly instead: string;
}

interface PlantedLines {
  readonly lines: readonly PlantedLine[];
  /** What it takes to show itself. */
  readonly faults: readonly FaultName[];
  readonly isFoundBy: RegExp;
}

const acceptOperation = "actor/operations/accept-operation.js";
const peerAnswers = "actor/peer-answers.js";
const drain = "actor/operations/steps/drain.js";

const secondAskerIsServed: PlantedLine = {
  file: acceptOperation,
  line: "free.operation === null ?",
  instead: "free.operation?.id !== document.id ?",
};

/**
 * Bugs of one line each, that the simulation must find: a defence of the program is left out, everything else stays. Where
 * two lines defend against the same, each alone is enough and both are left out; `docs/ownership.md` names them.
 */
export const plantedLines = {
  "the second of two operators at once begins an operation of its own": {
    lines: [secondAskerIsServed],
    faults: ["both-operators"],
    isFoundBy: /has vanished/,
  },
  "an operator and an alert at once begin an operation each": {
    lines: [secondAskerIsServed],
    faults: ["operator-with-alert"],
    isFoundBy: /has vanished/,
  },
  "a hand-over that comes again is taken for another one": {
    lines: [
      {
        file: peerAnswers,
        line: "const isKnown = before.operation !== null || before.lastOperations.some((last) => last.id === operation.id);",
        instead: "const isKnown = before.operation !== null;",
      },
      {
        file: peerAnswers,
        line: "const isCancelled = before.cancelledOperations.includes(operation.id);",
        instead: "const isCancelled = false;",
      },
    ],
    faults: ["hand-over-again"],
    isFoundBy: /served at once/,
  },
  "a hand-over to a server that has lost its memory since is taken": {
    lines: [
      {
        file: peerAnswers,
        line: 'return targetMemoryId !== "" && targetMemoryId === memoryId;',
        instead: "return true;",
      },
    ],
    faults: ["hand-over-to-a-new-memory"],
    isFoundBy: /served at once|was lost in a planned switch/,
  },
  "a hand-over that arrives after the undo is taken": {
    lines: [
      {
        file: peerAnswers,
        line: "const isCancelled = before.cancelledOperations.includes(operation.id);",
        instead: "const isCancelled = false;",
      },
    ],
    faults: ["hand-over-late"],
    isFoundBy: /served at once/,
  },
  "a command of an older epoch is obeyed": {
    lines: [
      {
        file: peerAnswers,
        line: "if (record?.epoch !== epoch || record.active === context.server) {",
        instead: "if (record === null) {",
      },
    ],
    faults: ["command-late"],
    isFoundBy: /by a command of operation \S+, which is over/,
  },
  "what is left is not transferred before the hand-over": {
    lines: [
      { file: drain, line: "for (const part of step.context.ports.parts) {", instead: "for (const part of []) {" },
      { file: drain, line: "if (left.length === 0)", instead: "if (left.length >= 0)" },
    ],
    faults: ["operator-switch"],
    isFoundBy: /was lost in a planned switch/,
  },
  "an undone operation never ends": {
    lines: [
      {
        file: "actor/operations/undo-operation.js",
        line: 'withEndedOperation(facts, operation.id, { state: "undone", because: operation.because, nowMs })',
        instead: "facts",
      },
    ],
    faults: ["hand-over-late"],
    isFoundBy: /is still undoing/,
  },
  "the owner leaves the name to a host that has registered itself": {
    lines: [
      {
        file: "actor/watch/correct-name.js",
        line: "const strangeForSeconds = 20;",
        instead: "const strangeForSeconds = 3600;",
      },
    ],
    faults: ["registers-itself"],
    isFoundBy: /which is fenced, for longer than 90 s/,
  },
  "a fence made longer holds before the other server knows of it": {
    lines: [
      {
        file: "actor/core/fence-terms.js",
        line: "return withOwnFence(fence, fenceTermsOf(settings)).agreed;",
        instead: "return null;",
      },
    ],
    faults: ["fence-changed"],
    isFoundBy: /served at once/,
  },
  "a claimant does not wait for a fence longer than its own": {
    lines: [
      {
        file: "actor/core/fence-terms.js",
        line: "peer.terms?.waitSeconds ?? 0",
        instead: "0",
      },
    ],
    faults: ["fence-changed"],
    isFoundBy: /served at once/,
  },
  "a promise that arrives late is believed": {
    lines: [
      {
        file: "actor/peer-message.js",
        line: "if (message.promise.sequence > next.peerPromise.sequence)",
        instead: "if (message.promise.sequence !== next.peerPromise.sequence)",
      },
    ],
    faults: ["promise-late"],
    isFoundBy: /served at once/,
  },
} as const satisfies Readonly<Record<string, PlantedLines>>;

export type PlantedLineName = keyof typeof plantedLines;

/** A copy of the compiled program with the bug in it. */
export interface PlantedCopy {
  readonly root: URL;
  readonly remove: () => void;
}

/** What a run of the simulation needs of the compiled program. */
const copied = ["actor", "shared", "test/simulation", "test/support"] as const;

/** Throws where a line is not found exactly once: a bug that is not planted would be found by nobody. */
export function plantLines(name: PlantedLineName): PlantedCopy {
  const compiled = resolve(import.meta.dirname, "../..");
  const copy = mkdtempSync(join(tmpdir(), "sparesync-planted-"));
  for (const folder of copied) {
    cpSync(join(compiled, folder), join(copy, folder), { recursive: true, filter: (path) => !path.endsWith(".map") });
  }
  symlinkSync(resolve(compiled, "../node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, "package.json"), JSON.stringify({ type: "module" }));
  for (const { file, line, instead } of plantedLines[name].lines) {
    const [before, after, ...more] = readFileSync(join(copy, file), "utf8").split(line);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file} does not have this line once, so that nothing can be planted there: ${line}`);
    }
    writeFileSync(join(copy, file), `${before}${instead}${after}`);
  }
  return {
    root: pathToFileURL(`${copy}/`),
    remove: () => {
      rmSync(copy, { recursive: true, force: true });
    },
  };
}
