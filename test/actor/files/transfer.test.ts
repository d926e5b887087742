import { afterEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { brotliCompressSync, crc32 } from "node:zlib";
import { encodeBatch } from "../../../actor/core/file-batch-writer.js";
import type { WireOperation } from "../../../actor/core/file-operation.js";
import { decodeApplyAnswer } from "../../../actor/core/file-wire.js";
import { everything } from "../../../actor/core/folder-rules.js";
import { hashContent } from "../../../actor/files/content-hash.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never, type PairOptions } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
afterEach(async () => {
  await pair.end();
});

async function begin(options: PairOptions = {}): Promise<void> {
  pair = new FileTreePair(options);
  await pair.begin();
}

function bytesOnTheLink(): number {
  return pair.toSecondary.asked.reduce((sum, { message }) => sum + (message.body?.length ?? 0), 0);
}

function isEqual(): boolean {
  return treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0;
}

describe("batches", () => {
  test.each([1, 2, 3])("are on their way %i at a time at most, and arrive whole", async (connections) => {
    await begin({ transfer: { connections } });
    for (let n = 0; n < 12; n += 1) putFile(pair.primaryRoot, `f${n}`, randomBytes(1_000_000));
    let now = 0;
    let most = 0;
    const apply = pair.toSecondary.handlers["files/apply"]!;
    pair.toSecondary.handlers = {
      ...pair.toSecondary.handlers,
      "files/apply": async (message) => {
        now += 1;
        most = Math.max(most, now);
        return apply(message).finally(() => (now -= 1));
      },
    };
    await pair.primary.synchronise(never);
    expect(most).toBe(connections);
    expect(isEqual()).toBe(true);
  });

  test("that arrive in the wrong order are published in the right one", async () => {
    await begin({ transfer: { connections: 3 } });
    putFile(pair.primaryRoot, "large", randomBytes(9 * 1024 * 1024));
    putFile(pair.primaryRoot, "a/b/c/file", "x");
    let held: (() => void) | undefined;
    pair.toSecondary.faultOf = (kind) => {
      if (kind !== "files/apply") return "none";
      if (held !== undefined) {
        held();
        held = undefined;
        return "none";
      }
      // Waits until the next one has overtaken it, or nothing comes any more.
      return new Promise((resolve) => {
        held = () => {
          setTimeout(() => {
            resolve("none");
          }, 20);
        };
        setTimeout(() => held?.(), 200);
      });
    };
    await pair.primary.synchronise(never);
    expect(isEqual()).toBe(true);
  });

  test("are compressed only where that saves something", async () => {
    await begin({ transfer: { compress: true } });
    putFile(pair.primaryRoot, "text", "all work and no play ".repeat(50_000));
    await pair.primary.synchronise(never);
    expect(isEqual()).toBe(true);
    expect(bytesOnTheLink()).toBeLessThan(100_000);
    const before = bytesOnTheLink();
    putFile(pair.primaryRoot, "noise", randomBytes(500_000));
    await pair.primary.synchronise(never);
    expect(isEqual()).toBe(true);
    const applied = pair.toSecondary.asked.filter(({ kind }) => kind === "files/apply").at(-1)!;
    expect(bytesOnTheLink() - before).toBeGreaterThan(500_000);
    expect(applied.message.fields).not.toHaveProperty("brotliBytes");
  });

  test("that would unpack to more than they say are refused", async () => {
    await begin();
    const listed = await pair.secondary.handlers["files/list"]!({
      fields: { folder: "uploads", epoch: 1, rules: everything.digest },
      body: Buffer.from('{"paths":[]}'),
    });
    const body = brotliCompressSync(Buffer.alloc(10_000_000));
    const fields = { folder: "uploads", epoch: 1, token: listed.fields["token"]!, sequence: 1, brotliBytes: 1000 };
    const asked = pair.secondary.handlers["files/apply"]!({ fields, body });
    await expect(asked).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  });

  test("keep to the bandwidth", async () => {
    const waits: number[] = [];
    const clock = createSystemClock();
    const counting = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        waits.push(ms);
        return clock.sleep(ms < 5000 ? 0 : ms, signal);
      },
    };
    await begin({ clock: counting, transfer: { bandwidthBytesPerSecond: 4_000_000 } });
    const longestWait = (): number => Math.max(...waits.splice(0).filter((ms) => ms < 5000 && ms > 100));
    for (let n = 0; n < 8; n += 1) putFile(pair.primaryRoot, `f${n}`, randomBytes(1_900_000));
    await pair.primary.synchronise(never);
    // 15.2 MB at 4 MB/s; the first batch goes at once, and the clock here does not wait.
    const waited = longestWait();
    expect(waited).toBeGreaterThan(1500);
    expect(waited).toBeLessThan(3900);
    // What comes in a pass of its own waits until the line is free of what was sent before.
    putFile(pair.primaryRoot, "later", "small");
    await pair.primary.synchronise(never);
    expect(longestWait()).toBeGreaterThan(1500);
  });

  test("give back their memory when they hold pieces alone, for the index remembers hashes as they stand in it", async () => {
    await begin();
    const listed = await pair.secondary.handlers["files/list"]!({
      fields: { folder: "uploads", epoch: 1, rules: everything.digest },
      body: Buffer.from('{"paths":[]}'),
    });
    const content = Buffer.alloc(1000, 1);
    const piece = { do: "put-segment", transfer: "t", offset: 0, bytes: 1000 } as const;
    const attributes = { mode: 0o644, mtimeNs: 0n };
    const file = {
      do: "put-file",
      path: "f",
      contentHash: hashContent(content),
      crc32: crc32(content),
      bytes: 1000,
    } as const;
    const givenBack: number[] = [];
    const send = async (sequence: number, operations: WireOperation[]): Promise<void> => {
      const fields = { folder: "uploads", epoch: 1, token: listed.fields["token"]!, sequence };
      const body = encodeBatch(
        operations,
        operations.map(() => content),
      );
      const giveBack = (): void => {
        givenBack.push(sequence);
      };
      await pair.secondary.handlers["files/apply"]!({ fields, body, giveBack });
    };
    await send(1, [piece]);
    await send(2, [piece, { ...file, ...attributes }]);
    await send(3, [piece, { ...piece, offset: 1000 }]);
    expect(givenBack).toEqual([1, 3]);
  });

  test("after one that failed as a whole are not taken, so that no file is put in place with a hole", async () => {
    await begin();
    const listed = await pair.secondary.handlers["files/list"]!({
      fields: { folder: "uploads", epoch: 1, rules: everything.digest },
      body: Buffer.from('{"paths":[]}'),
    });
    const send = (sequence: number, one: WireOperation, content = Buffer.alloc(0)): Promise<unknown> => {
      const fields = { folder: "uploads", epoch: 1, token: listed.fields["token"]!, sequence };
      return pair.secondary.handlers["files/apply"]!({ fields, body: encodeBatch([one], [content]) });
    };
    const half = Buffer.alloc(1000, 1);
    await send(1, { do: "put-segment", transfer: "t", offset: 0, bytes: 1000 }, half);
    // Something stands where the second piece should go, for a moment.
    const piece = pair.target(".sparesync/tmp/transfer-t");
    fs.renameSync(piece, `${piece}-away`);
    fs.mkdirSync(piece);
    await expect(send(2, { do: "put-segment", transfer: "t", offset: 1000, bytes: 1000 }, half)).rejects.toThrow();
    fs.rmdirSync(piece);
    fs.renameSync(`${piece}-away`, piece);
    fs.truncateSync(piece, 3000);
    const finish = { do: "finish-file", path: "file", transfer: "t", size: 3000, mode: 0o644, mtimeNs: 0n } as const;
    await expect(send(3, finish)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    expect(fs.existsSync(pair.target("file"))).toBe(false);
  });

  test("of a file whose old version could not be copied put nothing in place, and the pass goes on", async () => {
    await begin();
    fs.writeFileSync(pair.target("file"), "old");
    const listed = await pair.secondary.handlers["files/list"]!({
      fields: { folder: "uploads", epoch: 1, rules: everything.digest },
      body: Buffer.from('{"paths":[]}'),
    });
    const send = async (sequence: number, operations: WireOperation[], contents: Buffer[]): Promise<unknown> => {
      const fields = { folder: "uploads", epoch: 1, token: listed.fields["token"]!, sequence };
      const answer = await pair.secondary.handlers["files/apply"]!({ fields, body: encodeBatch(operations, contents) });
      return decodeApplyAnswer(answer.body).failures.map(({ index }) => index);
    };
    const begun = { do: "begin-transfer", path: "file", transfer: "t", state: "00".repeat(32) } as const;
    const finish = { do: "finish-file", path: "file", transfer: "t", size: 3000, mode: 0o644, mtimeNs: 0n } as const;
    const other = { do: "make-folder", path: "other", mode: 0o755 } as const;
    const none = Buffer.alloc(0);
    expect(await send(1, [begun, finish, other], [none, none, none])).toEqual([0, 1]);
    expect(await send(2, [finish], [none])).toEqual([0]);
    expect(fs.readFileSync(pair.target("file"), "utf8")).toBe("old");
    expect(fs.existsSync(pair.target("other"))).toBe(true);
    // What would be a piece of it ends the pass, as any piece that is missing.
    const piece = { do: "put-segment", transfer: "t", offset: 0, bytes: 3 } as const;
    await expect(send(3, [piece], [Buffer.from("new")])).rejects.toThrow(/changed on the target/);
    expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
  });
});

describe("a comparison of contents", () => {
  test("finds damage that shows in nothing else, and repairs it from the source", async () => {
    await begin();
    putFile(pair.primaryRoot, "folder/file", "right");
    putFile(pair.primaryRoot, "folder/large", Buffer.alloc(5_000_000, 1));
    fs.utimesSync(pair.source("folder/file"), 1e9, 1e9);
    await pair.primary.synchronise(never);
    // As if the target had never known better: its index is lost and begins with what the disk says.
    await pair.secondary.close();
    fs.rmSync(`${pair.base}/secondary/state/files-index`, { recursive: true });
    fs.writeFileSync(pair.target("folder/file"), "wrong");
    fs.utimesSync(pair.target("folder/file"), 1e9, 1e9 + 5e-7);
    await pair.restart("secondary");
    await pair.begin();
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
    expect(fs.readFileSync(pair.target("folder/file"), "utf8")).toBe("wrong");
    const { bytesSent } = await pair.primary.compareContents(never);
    expect(bytesSent).toBe(5);
    expect(fs.readFileSync(pair.target("folder/file"), "utf8")).toBe("right");
    expect(await pair.primary.compareContents(never)).toEqual({ changesSent: 0, bytesSent: 0 });
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("is made by itself when it is due", async () => {
    pair = new FileTreePair({ settings: { fullAnalysisSeconds: 1 }, transfer: { contentAnalysisSeconds: 2 } });
    putFile(pair.primaryRoot, "file", "x");
    await pair.begin(1, true);
    const isAsked = (): boolean =>
      pair.toSecondary.asked.some(
        ({ kind, message }) => kind === "files/begin" && message.fields["hasContent"] === true,
      );
    const clock = createSystemClock();
    for (let waited = 0; !isAsked() && waited < 400; waited += 1) await clock.sleep(50);
    expect(isAsked()).toBe(true);
    // An analysis by sizes and times, which comes first, leaves the word out.
    const first = pair.toSecondary.asked.find(({ kind }) => kind === "files/begin");
    expect(first?.message.fields).not.toHaveProperty("hasContent", true);
  });

  test("is asked for by a person, shown until it is done, and repairs what it finds", async () => {
    await begin();
    expect(await pair.primary.requestAnalysis(true, ["uploads"])).toEqual([]);
    expect(await pair.secondary.requestAnalysis(true, ["uploads"])).toEqual([]);
    await pair.end();
    pair = new FileTreePair({ settings: { watch: false } });
    putFile(pair.primaryRoot, "file", "right");
    fs.utimesSync(pair.source("file"), 1e9, 1e9);
    putFile(pair.secondaryRoot, "file", "wrong");
    fs.utimesSync(pair.target("file"), 1e9, 1e9);
    await pair.begin(1, true);
    const isAtRest = (): boolean => pair.primary.status()[0]?.isComplete === true && analysis() === undefined;
    const analysis = (): unknown => pair.primary.status()[0]?.analysis;
    await until(isAtRest);
    expect(fs.readFileSync(pair.target("file"), "utf8")).toBe("wrong");
    expect(await pair.primary.requestAnalysis(true, ["uploads", "others"])).toEqual(["uploads"]);
    expect(analysis()).toMatchObject({ hasContent: true });
    await until(isAtRest);
    expect(fs.readFileSync(pair.target("file"), "utf8")).toBe("right");
  });

  test("that was asked for is made after a restart that came between", async () => {
    pair = new FileTreePair();
    putFile(pair.primaryRoot, "file", "x");
    await pair.begin(1, true);
    pair.toSecondary.faultOf = () => "lost";
    await pair.primary.requestAnalysis(true, ["uploads"]);
    await pair.restart("primary");
    pair.toSecondary.faultOf = () => "none";
    const before = pair.toSecondary.asked.length;
    await pair.begin(1, true);
    await until(() =>
      pair.toSecondary.asked
        .slice(before)
        .some(({ kind, message }) => kind === "files/begin" && message.fields["hasContent"] === true),
    );
  });
});

test("a file's hash on the target is that of its content", async () => {
  await begin();
  putFile(pair.primaryRoot, "file", "content");
  await pair.primary.synchronise(never);
  const answer = await pair.secondary.handlers["files/list"]!({
    fields: { folder: "uploads", epoch: 1, rules: everything.digest },
    body: Buffer.from('{"paths":["file"]}'),
  });
  expect(answer.body!.toString()).toContain(hashContent(Buffer.from("content")).toString("hex"));
});
