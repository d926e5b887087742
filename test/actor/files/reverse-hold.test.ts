import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { decodeBatch } from "../../../actor/core/file-batch.js";
import { ReverseHold } from "../../../actor/files/reverse-hold.js";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(async () => {
  // What is not held is gone at once.
  pair = new FileTreePair({ settings: { keepDeletedDays: 0, largestFileBytes: 50_000_000 } });
  putFile(pair.primaryRoot, "log", Buffer.alloc(9 * 1024 * 1024, "a"));
  putFile(pair.primaryRoot, "other", "other");
  await pair.begin(1);
  await pair.primary.synchronise(never);
  await failOver(2);
});
afterEach(async () => {
  await pair.end();
});

async function failOver(epoch: number): Promise<void> {
  await pair.secondary.raiseEpoch(epoch, never);
  await pair.secondary.promote(epoch, never);
  await pair.secondary.setRole({ role: "source", epoch, continuous: false });
}

/** What is held on the primary: where it stood → its content, or its end. */
async function held(): Promise<Record<string, string>> {
  const { files } = await pair.primary.listKeptAside("uploads", {});
  const contentOf = (keptAs: string): string => fs.readFileSync(pair.source(`.deleted/${keptAs}`), "latin1").slice(-30);
  return Object.fromEntries(files.map((one) => [one.path, contentOf(one.keptAs)]));
}

/** Batches that put something at the path are answered as if it were in use there. */
async function withFailing(failing: string, work: () => Promise<unknown>): Promise<void> {
  const { handlers } = pair.toPrimary;
  pair.toPrimary.handlers = {
    ...handlers,
    "files/apply": async (message) => {
      const index = decodeBatch(message.body).operations.findIndex((one) => "path" in one && one.path === failing);
      if (index < 0) return (await handlers["files/apply"]?.(message)) ?? { fields: {} };
      const failures = [{ index, because: "it is in use" }];
      return { fields: {}, body: Buffer.from(JSON.stringify({ failures, unset: [] })) };
    },
  };
  await work();
  pair.toPrimary.handlers = handlers;
}

describe("what the first reverse synchronisation could not bring over", () => {
  test("keeps nobody from taking over once people are told of it, and is held when it comes after that", async () => {
    fs.writeFileSync(pair.source("other"), "of before");
    fs.writeFileSync(pair.target("other"), "newer");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await withFailing("other", async () => {
      const complete: boolean[] = [];
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await pair.secondary.synchronise(never);
        complete.push(pair.primary.status()[0]!.isComplete);
      }
      expect(complete).toEqual([false, false, false, true]);
      expect(pair.secondary.status()[0]).toMatchObject({ health: "warning", isComplete: true });
    });
    expect(await held()).toEqual({});
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ other: "of before" });
  });

  test("is held at once though it grows meanwhile: the beginning has come in its place", async () => {
    fs.appendFileSync(pair.source("log"), "a line of before the failover");
    fs.appendFileSync(pair.target("log"), "newer");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    pair.toPrimary.faultOf = (kind) => {
      if (kind === "files/apply") fs.appendFileSync(pair.target("log"), "and newer");
      return "none";
    };
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ log: "aa line of before the failover".slice(-30) });
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: true });
    pair.toPrimary.faultOf = () => "none";
    await pair.secondary.synchronise(never);
    expect(Object.keys(await held())).toEqual(["log"]);
    expect(fs.readFileSync(pair.source("log")).equals(fs.readFileSync(pair.target("log")))).toBe(true);
  });

  test("is held when it comes later: a file that was written in its middle meanwhile", async () => {
    fs.appendFileSync(pair.source("log"), "a line of before the failover");
    fs.appendFileSync(pair.target("log"), "newer");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    pair.toPrimary.faultOf = (kind) => {
      if (kind !== "files/apply") return "none";
      const descriptor = fs.openSync(pair.target("log"), "r+");
      fs.writeSync(descriptor, "in the middle", 1000);
      fs.closeSync(descriptor);
      return "none";
    };
    await pair.secondary.synchronise(never);
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: false });
    expect(pair.secondary.status()[0]).toMatchObject({ isComplete: false });
    expect(await held()).toEqual({});
    pair.toPrimary.faultOf = () => "none";
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ log: "aa line of before the failover".slice(-30) });
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: true });
    // From then on it is the source's.
    fs.appendFileSync(pair.target("log"), "more");
    await pair.secondary.synchronise(never);
    expect(Object.keys(await held())).toEqual(["log"]);
    expect(fs.readFileSync(pair.source("log")).equals(fs.readFileSync(pair.target("log")))).toBe(true);
  });

  test("is held after a restart of both servers, and all else is not", async () => {
    fs.writeFileSync(pair.source("other"), "of before");
    fs.writeFileSync(pair.target("other"), "newer");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await withFailing("other", () => pair.secondary.synchronise(never));
    await pair.restart("primary");
    await pair.restart("secondary");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await pair.secondary.setRole({ role: "source", epoch: 2, continuous: false });
    fs.rmSync(pair.target("log"));
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ other: "of before" });
  });

  test("is held where it is renamed before it comes, and named as it was here", async () => {
    fs.writeFileSync(pair.source("other"), "of before");
    fs.writeFileSync(pair.target("other"), "newer");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await withFailing("other", () => pair.secondary.synchronise(never));
    fs.mkdirSync(pair.target("folder"));
    fs.renameSync(pair.target("other"), pair.target("folder/other.1"));
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ other: "of before" });
    const { files } = await pair.primary.listKeptAside("uploads", {});
    expect(files.map(({ keptAs }) => keptAs)).toEqual(["folder/other.1"]);
    expect(fs.readFileSync(pair.source("folder/other.1"), "utf8")).toBe("newer");
  });

  test("is held where it was too large to come", async () => {
    fs.writeFileSync(pair.source("other"), "of before");
    fs.truncateSync(pair.target("other"), 60_000_000);
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await pair.secondary.synchronise(never);
    // By its nature it is not wanted there: the copy is whole without it.
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: true });
    fs.writeFileSync(pair.target("other"), "small again");
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ other: "of before" });
  });

  test("does not keep the acknowledgement of the rest waiting", async () => {
    fs.writeFileSync(pair.source("lost"), "of before");
    fs.truncateSync(pair.target("other"), 60_000_000);
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await expect(pair.primary.releaseKeptAside("uploads")).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    await pair.secondary.synchronise(never);
    expect(await pair.primary.releaseKeptAside("uploads")).toBe(1);
    fs.writeFileSync(pair.target("other"), "newer");
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ other: "other" });
  });
});

describe("what was written here is held", () => {
  const lost = { "lost-in-failover": "l" };
  beforeEach(() => {
    putFile(pair.primaryRoot, "lost-in-failover", "l");
  });

  test("when the epoch rises before the first reverse synchronisation", async () => {
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await failOver(3);
    await pair.primary.setRole({ role: "target", epoch: 3 });
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual(lost);
  });

  test("when the file that says so is lost, or cannot be understood", async () => {
    const file = path.join(pair.base, "primary/state/files-reverse-hold.json");
    await pair.primary.close();
    fs.rmSync(file);
    await pair.restart("primary");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual(lost);
    putFile(pair.primaryRoot, "second", "s");
    await pair.primary.close();
    fs.writeFileSync(file, "{");
    await pair.restart("primary");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual({ ...lost, second: "s" });
  });

  test("when all that the server remembered is lost with its system disk, and its folder is not", async () => {
    await pair.primary.close();
    fs.rmSync(path.join(pair.base, "primary/state"), { recursive: true });
    await pair.restart("primary");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual(lost);
  });

  test("and not once more by the number of a later epoch", async () => {
    await pair.primary.setRole({ role: "target", epoch: 2 });
    await pair.secondary.synchronise(never);
    await failOver(3);
    await pair.primary.setRole({ role: "target", epoch: 3 });
    fs.writeFileSync(pair.target("other"), "newer");
    await pair.secondary.synchronise(never);
    expect(await held()).toEqual(lost);
  });
});

test("on a server that never was the source nothing is held", async () => {
  const fresh = new FileTreePair({ settings: { keepDeletedDays: 0 } });
  try {
    putFile(fresh.secondaryRoot, "stranger", "s");
    putFile(fresh.primaryRoot, "file", "x");
    await fresh.begin();
    await fresh.primary.synchronise(never);
    expect((await fresh.secondary.listKeptAside("uploads", {})).total).toBe(0);
    expect(fs.existsSync(fresh.target("stranger"))).toBe(false);
  } finally {
    await fresh.end();
  }
});

describe("paths that are open", () => {
  const target = { role: "target", epoch: 2 } as const;
  const nothingBefore = { hadRole: false, isWhole: () => false, folders: ["f"] };

  async function openHold(): Promise<ReverseHold> {
    const hold = new ReverseHold(path.join(pair.base, "primary/state"));
    await hold.takeRole(target, nothingBefore);
    return hold;
  }

  test("only become fewer; more than can be named are all of it", async () => {
    const hold = await openHold();
    await hold.end("f", null);
    expect(hold.isUnderWay("f")).toBe(false);
    expect(hold.isHolding("f", "x")).toBe(true);
    await hold.end("f", ["a", "folder"]);
    expect(["a", "folder/x", "b", ""].map((place) => hold.isHolding("f", place))).toEqual([true, true, false, true]);
    await hold.end("f", null);
    expect(["a", "b"].map((place) => hold.isHolding("f", place))).toEqual([true, false]);
    // A folder that could not be read before, with a file that cannot be now; b was brought over before.
    await (await openHold()).end("f", ["b", "folder/x"]);
    const again = await openHold();
    expect(["a", "folder/x", "folder/y", "b"].map((place) => again.isHolding("f", place))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    await again.end("f", []);
    expect(again.isHolding("f", "")).toBe(false);
  });
});
