import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

const mebibyte = 1024 * 1024;
const size = 20 * mebibyte;

let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair();
});
afterEach(async () => {
  await pair.end();
});

/** Done before each batch that is sent: the source is still being read then. */
function whileItIsRead(act: (batch: number) => void): void {
  let batch = 0;
  pair.toSecondary.faultOf = (kind) => {
    if (kind === "files/apply") act((batch += 1));
    return "none";
  };
}

function overwrite(name: string, at: number, text: string): void {
  const descriptor = fs.openSync(pair.source(name), "r+");
  fs.writeSync(descriptor, text, at);
  fs.closeSync(descriptor);
}

describe("a large file that grows whenever it is read", () => {
  let content: Buffer;
  beforeEach(async () => {
    content = randomBytes(size);
    putFile(pair.primaryRoot, "app.log", content);
    await pair.begin();
  });

  test("is on the target as it was when it was opened, and is no failing path", async () => {
    const { mtimeMs } = fs.statSync(pair.source("app.log"));
    whileItIsRead(() => {
      fs.appendFileSync(pair.source("app.log"), "one more line\n");
    });
    await pair.primary.synchronise(never);
    expect(fs.readFileSync(pair.target("app.log")).equals(content)).toBe(true);
    expect(Math.abs(fs.statSync(pair.target("app.log")).mtimeMs - mtimeMs)).toBeLessThanOrEqual(1);
    expect(pair.primary.itemErrors!()[0]).toMatchObject({ warnings: 0, paths: [] });
    expect(pair.secondary.status()[0]!.isComplete).toBe(true);
    whileItIsRead(() => undefined);
    await pair.primary.synchronise(never);
    expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
  });

  test.each([
    {
      when: "what was read is overwritten as well",
      act: () => {
        overwrite("app.log", 5, "torn");
        fs.appendFileSync(pair.source("app.log"), "one more line\n");
      },
    },
    {
      when: "it is emptied and written anew, longer than before",
      act: () => {
        fs.writeFileSync(pair.source("app.log"), Buffer.alloc(size + 10, "b"));
      },
    },
  ])("is not published when $when", async ({ act }) => {
    whileItIsRead((batch) => {
      if (batch === 1) act();
    });
    await pair.primary.synchronise(never);
    expect(fs.existsSync(pair.target("app.log"))).toBe(false);
    expect(pair.primary.itemErrors!()[0]!.paths).toMatchObject([
      { path: "app.log", because: "It changed while it was read." },
    ]);
    expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
    await pair.primary.synchronise(never);
    expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
  });

  test("is an obstacle once the application should have been stopped", async () => {
    whileItIsRead(() => {
      fs.appendFileSync(pair.source("app.log"), "one more line\n");
    });
    await expect(pair.primary.drain(never)).rejects.toMatchObject({
      code: "FILE_FAILED",
      message: expect.stringMatching(/"app.log": It changed while it was read/),
    });
  });
});

test("the moment up to which all is there goes on while a log is never at rest", async () => {
  putFile(pair.primaryRoot, "app.log", randomBytes(size));
  whileItIsRead(() => {
    fs.appendFileSync(pair.source("app.log"), "one more line\n");
  });
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete);
  for (let round = 0; round < 3; round += 1) {
    const { completeUpToMs } = pair.secondary.status()[0]!;
    const { size: before } = fs.statSync(pair.target("app.log"));
    fs.appendFileSync(pair.source("app.log"), "one more line\n");
    await until(() => fs.statSync(pair.target("app.log")).size > before);
    await until(() => pair.secondary.status()[0]!.completeUpToMs > completeUpToMs);
  }
  expect(pair.primary.itemErrors!()[0]!.paths).toEqual([]);
  whileItIsRead(() => undefined);
  await until(() => treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0);
});

test("what came behind the beginning is brought over though nothing tells of it", async () => {
  await pair.end();
  const deaf = { ready: Promise.resolve(), close: () => Promise.resolve() };
  pair = new FileTreePair({ openChangeSource: () => deaf });
  putFile(pair.primaryRoot, "app.log", randomBytes(size));
  whileItIsRead((batch) => {
    if (batch === 1) fs.appendFileSync(pair.source("app.log"), "one more line\n");
  });
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete);
  await until(() => treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0);
});
