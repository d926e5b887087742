import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeBatch } from "../../../actor/core/file-batch.js";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { FileMutator } from "../../support/file-mutator.js";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

const mebibyte = 1024 * 1024;
const size = 32 * mebibyte;
/** Longer, over all pieces of such a file, than it takes until it gives way. */
const pieceMs = 100;

let pair: FileTreePair;
/** What the target was asked to do, in order; pieces left out. */
let operations: string[];
/** Of each transfer of a large file that was begun. */
let transfers: Set<string>;
/** The passes that pieces belonged to. */
let passes: Set<unknown>;
let mostAtOnce: number;
/** Called for each batch with a piece of a large file, before the target gets it. */
let onPiece: (piece: number) => void | Promise<void>;

beforeEach(() => begin(0));
afterEach(async () => {
  await pair.end();
});

async function begin(delaySeconds: number): Promise<void> {
  pair = new FileTreePair({ settings: { delaySeconds } });
  putFile(pair.primaryRoot, "gone.txt", "before");
  fs.symlinkSync("before", pair.source("z-link"));
  await pair.begin(1, true);
  await until(() => isAtRest());
  slowDown();
}

/** The target takes its time for each piece, as a slow line does. */
function slowDown(): void {
  const { "files/apply": apply, ...others } = pair.secondary.handlers;
  operations = [];
  transfers = new Set();
  passes = new Set();
  mostAtOnce = 0;
  onPiece = () => undefined;
  let [atOnce, pieces] = [0, 0];
  pair.toSecondary.handlers = {
    ...others,
    "files/apply": async (message) => {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      try {
        const wires = decodeBatch(message.body).operations;
        if (wires.some(({ do: name }) => name === "put-segment")) {
          passes.add(message.fields["token"]);
          await onPiece((pieces += 1));
          await sleep(pieceMs);
        }
        for (const one of wires) if (one.do === "put-segment") transfers.add(one.transfer);
        operations.push(...wires.flatMap((one) => (one.do === "put-segment" ? [] : [nameOf(one)])));
        return await apply!(message);
      } finally {
        atOnce -= 1;
      }
    },
  };
}

function nameOf(one: { readonly do: string; readonly path?: string }): string {
  return `${one.do} ${one.path ?? ""}`;
}

function isAtRest(): boolean {
  return pair.primary.status()[0]!.isComplete && treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0;
}

/** Changes made while a large file is on its way: done at its first piece, which waits until they have been noticed. */
async function changeWhileSending(change: () => void, delayMs = 0): Promise<void> {
  onPiece = async (piece) => {
    if (piece !== 1) return;
    change();
    await until(() => pair.primary.status()[0]!.pendingChanges > 1);
    await sleep(delayMs);
  };
  putFile(pair.primaryRoot, "large.bin", randomBytes(size));
  await until(() => operations.includes("finish-file large.bin"));
  await until(isAtRest, 60_000);
}

test("a small change is on the target before a large file is that was on its way already", async () => {
  await changeWhileSending(() => {
    putFile(pair.primaryRoot, "folder/small.txt", "small");
  });
  const [small, large] = ["put-file folder/small.txt", "finish-file large.bin"].map((one) => operations.indexOf(one));
  expect(small).toBeGreaterThan(-1);
  expect(large).toBeGreaterThan(small!);
  // The file was sent once, and never over more connections than the settings allow.
  expect(operations.filter((one) => one.endsWith("large.bin"))).toEqual(["finish-file large.bin"]);
  expect(mostAtOnce).toBeLessThanOrEqual(2);
  expect(passes.size).toBe(1);
  expect(pair.logs.primary.events).not.toContain("files-pass-failed");
});

test("until the large file is there, nothing later counts as complete", async () => {
  const before = pair.secondary.status()[0]!.completeUpToMs;
  let meanwhile = Infinity;
  onPiece = (piece) => {
    if (piece === 1) putFile(pair.primaryRoot, "small.txt", "small");
    if (piece >= 7) meanwhile = pair.secondary.status()[0]!.completeUpToMs;
  };
  await sleep(50);
  const changedAtMs = Date.now();
  putFile(pair.primaryRoot, "large.bin", randomBytes(size));
  await until(isAtRest, 60_000);
  expect(operations.indexOf("put-file small.txt")).toBeGreaterThan(-1);
  expect(meanwhile).toBeGreaterThanOrEqual(before);
  expect(meanwhile).toBeLessThanOrEqual(changedAtMs);
  await until(() => pair.secondary.status()[0]!.completeUpToMs > changedAtMs);
});

test("what was to be removed and is there again meanwhile is not removed after it", async () => {
  await pair.end();
  // So that the removal and the large file belong to one pass.
  await begin(0.5);
  fs.rmSync(pair.source("gone.txt"));
  await changeWhileSending(() => {
    putFile(pair.primaryRoot, "gone.txt", "again");
  }, 600);
  expect(fs.readFileSync(pair.target("gone.txt"), "utf8")).toBe("again");
  expect(operations).toContain("put-file gone.txt");
  expect(operations).not.toContain("remove gone.txt");
});

test("what is changed of the large file itself waits for its end", async () => {
  let begun = 0;
  onPiece = (piece) => {
    if (piece === 1) fs.appendFileSync(pair.source("large.bin"), "more");
    if (!operations.includes("finish-file large.bin")) begun = transfers.size;
  };
  putFile(pair.primaryRoot, "large.bin", randomBytes(size));
  await until(() => operations.includes("finish-file large.bin"));
  expect(begun).toBe(1);
  await until(isAtRest, 60_000);
});

test("a link that changed after it was looked at is right again at the end", async () => {
  fs.rmSync(pair.source("z-link"));
  fs.symlinkSync("planned", pair.source("z-link"));
  await changeWhileSending(() => {
    fs.rmSync(pair.source("z-link"));
    fs.symlinkSync("after", pair.source("z-link"));
  });
  expect(fs.readlinkSync(pair.target("z-link"))).toBe("after");
});

test.each([
  {
    what: "is renamed",
    change: () => {
      fs.renameSync(pair.source("in/large.bin"), pair.source("other.bin"));
    },
  },
  {
    what: "gets another folder above it",
    change: () => {
      fs.renameSync(pair.source("in"), pair.source("out"));
    },
  },
  {
    what: "is removed",
    change: () => {
      fs.rmSync(pair.source("in/large.bin"));
    },
  },
  {
    what: "is overtaken by another one",
    change: () => {
      putFile(pair.primaryRoot, "second.bin", randomBytes(size));
    },
  },
])("both sides are equal at rest when the large file $what on its way", async ({ change }) => {
  onPiece = (piece) => {
    if (piece === 1) change();
  };
  putFile(pair.primaryRoot, "in/large.bin", randomBytes(size));
  await until(() => operations.length > 0 || !fs.existsSync(pair.source("in/large.bin")));
  await until(isAtRest, 60_000);
  await until(() => fs.readdirSync(pair.target(".sparesync/tmp")).length === 0);
});

test("both sides are equal at rest after random changes beside large files", async () => {
  const random = new SeededRandom(5);
  fs.mkdirSync(pair.source("busy"));
  const mutator = new FileMutator(pair.source("busy"), random);
  let isOver = false;
  const mutating = mutator.run(Infinity, () => isOver);
  for (const name of ["one.bin", "one.bin"]) {
    const before = operations.length;
    putFile(pair.primaryRoot, name, randomBytes(size));
    await until(() => operations.indexOf(`finish-file ${name}`, before) > -1, 60_000);
  }
  isOver = true;
  await mutating;
  await until(isAtRest, 60_000);
  // It was not for lack of changes.
  expect(operations.length).toBeGreaterThan(100);
});
