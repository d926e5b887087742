import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { everything } from "../../../actor/core/folder-rules.js";

const mebibyte = 1024 * 1024;
const block = 65_536;

let pair: FileTreePair;
beforeEach(async () => {
  pair = new FileTreePair();
  await pair.begin();
});
afterEach(async () => {
  await pair.end();
});

function expectEqualTrees(): void {
  expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
}

function overwrite(name: string, at: number, bytes: Buffer): void {
  const descriptor = fs.openSync(pair.source(name), "r+");
  fs.writeSync(descriptor, bytes, 0, bytes.length, at);
  fs.closeSync(descriptor);
}

describe("of a large file that changes only what differs is sent:", () => {
  const size = 20 * mebibyte + 12_345;
  beforeEach(async () => {
    putFile(pair.primaryRoot, "large", randomBytes(size));
    await pair.primary.synchronise(never);
  });

  test.each([
    {
      when: "two bytes in two blocks",
      most: 2 * block,
      act: () => {
        overwrite("large", 5, Buffer.from("x"));
        overwrite("large", 17 * mebibyte, Buffer.from("y"));
      },
    },
    {
      when: "something appended",
      most: 2 * block,
      act: () => {
        fs.appendFileSync(pair.source("large"), "more");
      },
    },
    {
      when: "the end cut off",
      most: block,
      act: () => {
        fs.truncateSync(pair.source("large"), 11 * mebibyte + 7);
      },
    },
    {
      when: "zeros where there was something",
      most: mebibyte,
      act: () => {
        overwrite("large", 3 * mebibyte, Buffer.alloc(mebibyte));
      },
    },
  ])("$when", async ({ act, most }) => {
    const before = fs.readFileSync(pair.target("large"));
    act();
    const { bytesSent } = await pair.primary.synchronise(never);
    expect(bytesSent).toBeLessThanOrEqual(most);
    expectEqualTrees();
    expect(fs.readFileSync(pair.target(".deleted/large")).equals(before)).toBe(true);
    expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
  });

  test("nothing, and nothing is copied on the target, when only the time changed", async () => {
    const { ino } = fs.statSync(pair.target("large"));
    fs.utimesSync(pair.source("large"), 1e9, 1e9);
    expect((await pair.primary.synchronise(never)).bytesSent).toBe(0);
    expectEqualTrees();
    expect(fs.statSync(pair.target("large")).ino).toBe(ino);
    expect(fs.existsSync(pair.target(".deleted"))).toBe(false);
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("and a change of it on the target between comparing and building leaves no mixture", async () => {
    overwrite("large", 5, Buffer.from("x"));
    const original = pair.toSecondary.handlers["files/blocks"]!;
    pair.toSecondary.handlers = {
      ...pair.toSecondary.handlers,
      "files/blocks": async (message) => {
        const answer = await original(message);
        fs.writeFileSync(pair.target("large"), randomBytes(size));
        return answer;
      },
    };
    putFile(pair.primaryRoot, "zzz", "after it");
    // Sent whole: what was equal then says nothing any more.
    expect((await pair.primary.synchronise(never)).bytesSent).toBeGreaterThan(size);
    expectEqualTrees();
    expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
  });

  test("and a target that suddenly has less than it said is sent all of it", async () => {
    overwrite("large", 5, Buffer.from("x"));
    // Zeros beyond what the target has are not sent.
    overwrite("large", size - 65_536, Buffer.alloc(65_536));
    const original = pair.toSecondary.handlers["files/blocks"]!;
    pair.toSecondary.handlers = {
      ...pair.toSecondary.handlers,
      "files/blocks": async (message) => {
        const answer = await original(message);
        return { ...answer, body: answer.body!.subarray(0, -16) };
      },
    };
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });
});

test("a file too large for one piece, and too small to be sent by blocks, is not sent again when it was only touched", async () => {
  putFile(pair.primaryRoot, "middling", randomBytes(5 * mebibyte));
  await pair.primary.synchronise(never);
  const { ino } = fs.statSync(pair.target("middling"));
  fs.utimesSync(pair.source("middling"), 1e9, 1e9);
  expect((await pair.primary.synchronise(never)).bytesSent).toBe(0);
  expectEqualTrees();
  expect(fs.statSync(pair.target("middling")).ino).toBe(ino);
});

test("a transfer that was cut off goes on where it ended, also after a restart of both sides", async () => {
  putFile(pair.primaryRoot, "large", randomBytes(30 * mebibyte));
  let batches = 0;
  pair.toSecondary.faultOf = (kind) => (kind === "files/apply" && (batches += 1) > 4 ? "lost" : "none");
  await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
  pair.toSecondary.faultOf = () => "none";
  expect(fs.existsSync(pair.target("large"))).toBe(false);
  await pair.restart("secondary");
  await pair.restart("primary");
  await pair.begin();
  const { bytesSent } = await pair.primary.synchronise(never);
  expect(bytesSent).toBeLessThan(20 * mebibyte);
  expectEqualTrees();
  expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
});

test("a sparse file costs neither the line nor the target's disk what it seems to hold", async () => {
  const descriptor = fs.openSync(pair.source("sparse"), "w");
  fs.ftruncateSync(descriptor, 300 * mebibyte);
  fs.writeSync(descriptor, Buffer.from("in the middle"), 0, 13, 150 * mebibyte);
  fs.closeSync(descriptor);
  const empty = fs.openSync(pair.source("all-hole"), "w");
  fs.ftruncateSync(empty, 50 * mebibyte);
  fs.closeSync(empty);
  const { bytesSent } = await pair.primary.synchronise(never);
  expect(bytesSent).toBe(block);
  expectEqualTrees();
  expect(fs.statSync(pair.target("sparse")).blocks * 512).toBeLessThan(mebibyte);
});

test("a hostile question for blocks is refused", async () => {
  const listed = await pair.secondary.handlers["files/list"]!({
    fields: { folder: "uploads", epoch: 1, rules: everything.digest },
    body: Buffer.from('{"paths":[]}'),
  });
  fs.symlinkSync("/etc", pair.target("link"));
  const ask = (path: string): Promise<unknown> =>
    pair.secondary.handlers["files/blocks"]!({
      fields: { folder: "uploads", epoch: 1, token: listed.fields["token"]! },
      body: Buffer.from(JSON.stringify({ path, transfer: "t", from: 0 })),
    });
  await expect(ask("../x")).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
  await expect(ask(".deleted/x")).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
  await expect(ask("link/passwd")).resolves.toMatchObject({ fields: { basis: "none" } });
  await expect(ask("link")).resolves.toMatchObject({ fields: { basis: "none" } });
});
