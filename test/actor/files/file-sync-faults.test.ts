import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { crc32 } from "node:zlib";
import path from "node:path";
import { encodeBatch } from "../../../actor/core/file-batch-writer.js";
import type { WireOperation } from "../../../actor/core/file-operation.js";
import { everything } from "../../../actor/core/folder-rules.js";
import { hashContent } from "../../../actor/files/content-hash.js";
import { errorCode } from "../../../shared/core/app-error.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { listFiles, putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair();
});
afterEach(async () => {
  await pair.end();
});

/** Files that carry their own checksum, so that a torn one shows wherever it turns up. */
function putChecked(name: string, bytes: number): void {
  const content = randomBytes(bytes);
  const sum = createHash("sha256").update(content).digest();
  putFile(pair.primaryRoot, name, Buffer.concat([sum, content]));
}

function expectNoTornFile(root: string): void {
  for (const name of listFiles(root)) {
    if (name.startsWith(".sparesync")) continue;
    const content = fs.readFileSync(path.join(root, name));
    const sum = createHash("sha256").update(content.subarray(32)).digest();
    if (!sum.equals(content.subarray(0, 32))) throw new Error(`${name} is torn`);
  }
}

function makeVersion(version: number): void {
  for (let n = 0; n < 4; n += 1) putChecked(`folder-${n % 2}/file-${n}`, 400_000);
  putChecked("large", 4 * 1024 * 1024 + 100);
  putChecked(`only-in-${version}`, 100);
  fs.rmSync(pair.source(`only-in-${version - 1}`), { force: true });
}

describe("an interruption", () => {
  test.each(["question", "answer"] as const)(
    "by a lost %s at any batch leaves whole files, and the next run converges",
    async (what) => {
      await pair.begin();
      makeVersion(1);
      for (let k = 1; k < 9; k += 1) {
        makeVersion(k + 1);
        let batches = 0;
        const fault = what === "question" ? "lost" : "unanswered";
        pair.toSecondary.faultOf = (kind) => (kind === "files/apply" && (batches += 1) === k ? fault : "none");
        const outcome = await pair.primary.synchronise(never).then(
          () => "done",
          (error: unknown) => errorCode(error),
        );
        expectNoTornFile(pair.secondaryRoot);
        // The lost batch ends the run, unless there were fewer batches.
        expect(outcome).toBe(batches >= k ? "PEER_UNREACHABLE" : "done");
        pair.toSecondary.faultOf = () => "none";
        if (k % 3 === 0) await pair.restart("secondary");
        if (k % 4 === 0) await pair.restart("primary");
        await pair.begin();
        await pair.primary.synchronise(never);
        expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
        expectNoTornFile(pair.secondaryRoot);
        expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
        expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
      }
    },
    120_000,
  );

  test("by the caller ends the pass soon and as cancelled", async () => {
    for (let n = 0; n < 20; n += 1) putChecked(`f${n}`, 300_000);
    await pair.begin();
    const abort = new AbortController();
    pair.toSecondary.faultOf = (kind) => {
      if (kind === "files/apply") abort.abort();
      return "none";
    };
    await expect(pair.primary.synchronise(abort.signal)).rejects.toMatchObject({ code: "ABORTED" });
    expect(pair.toSecondary.count("files/apply")).toBeLessThanOrEqual(1);
  });
});

describe("a message that comes twice", () => {
  test("changes nothing", async () => {
    pair.toSecondary.faultOf = () => "doubled";
    await pair.begin();
    makeVersion(1);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "PEER_REFUSED" });
    // A repeated question for a listing begins a new one; only batches are repeated from here on.
    pair.toSecondary.faultOf = (kind) => (kind === "files/apply" ? "doubled" : "none");
    await pair.primary.synchronise(never);
    expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
    expect(listFiles(pair.target(".deleted"))).toEqual([]);
  });

  test("and long after newer ones does not bring the old content back", async () => {
    await pair.begin();
    putFile(pair.primaryRoot, "file", "old");
    await pair.primary.synchronise(never);
    const late = pair.toSecondary.asked.filter(({ kind }) => kind === "files/apply");
    putFile(pair.primaryRoot, "file", "newer");
    await pair.primary.synchronise(never);
    for (const { message } of late) {
      await expect(pair.secondary.handlers["files/apply"]!(message)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    }
    expect(fs.readFileSync(pair.target("file"), "utf8")).toBe("newer");
  });
});

/** Opens a listing and sends one batch as a peer would that does not keep to the rules. */
async function sendRaw(operations: WireOperation[], contents: Buffer[] = [], epoch = 1): Promise<unknown> {
  const listed = await pair.secondary.handlers["files/list"]!({
    fields: { folder: "uploads", epoch, rules: everything.digest },
    body: Buffer.from('{"paths":[]}'),
  });
  const fields = { folder: "uploads", epoch, token: listed.fields["token"]!, sequence: 1 };
  const body = encodeBatch(operations, contents);
  const answer = await pair.secondary.handlers["files/apply"]!({ fields, body });
  return JSON.parse(answer.body!.toString());
}

function put(name: string, content: string): [WireOperation, Buffer] {
  const bytes = Buffer.from(content);
  const contentHash = hashContent(bytes);
  const sums = { contentHash, crc32: crc32(bytes) };
  return [{ do: "put-file", path: name, mode: 0o644, mtimeNs: 0n, ...sums, bytes: bytes.length }, bytes];
}

describe("an epoch", () => {
  test.each([
    { when: "of the role", epoch: 3, raised: 3, role: "target", refused: undefined },
    { when: "below the role's", epoch: 2, raised: 1, role: "target", refused: "EPOCH_TOO_OLD" },
    { when: "above the role's", epoch: 4, raised: 1, role: "target", refused: "EPOCH_TOO_OLD" },
    { when: "of the role but below the raised one", epoch: 3, raised: 4, role: "target", refused: "EPOCH_TOO_OLD" },
    { when: "right, at a server that is the source", epoch: 3, raised: 1, role: "source", refused: "NOT_ALLOWED" },
    { when: "right, at a server that is idle", epoch: 3, raised: 1, role: "idle", refused: "NOT_ALLOWED" },
  ] as const)("$when: $refused", async ({ epoch, raised, role, refused }) => {
    await pair.secondary.setRole(role === "source" ? { role, epoch: 3, continuous: false } : { role, epoch: 3 });
    await pair.secondary.raiseEpoch(raised, never);
    const sent = sendRaw([put("file", "x")[0]], [Buffer.from("x")], epoch).then(
      () => undefined,
      (error: unknown) => errorCode(error),
    );
    expect(await sent).toBe(refused);
    expect(fs.existsSync(pair.target("file"))).toBe(refused === undefined);
  });

  test("raised between receipt and rename stops the batch before its next effect", async () => {
    await pair.begin();
    const batch = Array.from({ length: 40 }, (_, n) => put(`file-${n}`, "content"));
    const sent = sendRaw(
      batch.map(([one]) => one),
      batch.map(([, content]) => content),
    );
    const refused = expect(sent).rejects.toMatchObject({ code: "EPOCH_TOO_OLD" });
    // The contents are being written now; nothing is renamed before all are durable.
    await new Promise((resolve) => setImmediate(resolve));
    await pair.secondary.raiseEpoch(2, never);
    await refused;
    expect(fs.readdirSync(pair.secondaryRoot).filter((name) => name.startsWith("file"))).toEqual([]);
  });

  test("raised stays raised over a restart", async () => {
    await pair.begin(1);
    await pair.secondary.raiseEpoch(5, never);
    await pair.restart("secondary");
    await pair.begin(1);
    await expect(sendRaw([put("file", "x")[0]], [Buffer.from("x")])).rejects.toMatchObject({ code: "EPOCH_TOO_OLD" });
  });

  test("of a promotion is remembered over a restart, and over when the server becomes target again", async () => {
    await pair.secondary.setRole({ role: "target", epoch: 1 });
    await pair.secondary.promote(2, never);
    await pair.secondary.promote(2, never);
    await pair.restart("secondary");
    expect(await pair.secondary.isPromoted(never)).toBe(true);
    await expect(sendRaw([], [], 2)).rejects.toMatchObject({ code: "EPOCH_TOO_OLD" });
    await pair.secondary.setRole({ role: "target", epoch: 3 });
    expect(await pair.secondary.isPromoted(never)).toBe(false);
    await expect(sendRaw([], [], 3)).resolves.toEqual({ failures: [], unset: [] });
  });

  test("state that cannot be read stops the target instead of beginning anew", async () => {
    fs.mkdirSync(path.join(pair.base, "secondary/state"), { recursive: true });
    fs.writeFileSync(path.join(pair.base, "secondary/state/files-epoch.json"), "{");
    const role = { role: "target", epoch: 1 } as const;
    await expect(pair.secondary.setRole(role)).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
  });
});

describe("a hostile peer", () => {
  beforeEach(async () => {
    await pair.begin();
    putFile(pair.base, "outside/victim", "victim");
    fs.symlinkSync("../../outside", pair.target("link"));
  });

  test.each([
    "../outside/x",
    "/tmp/x",
    "a/../../x",
    "",
    ".",
    "a//b",
    ".deleted/x",
    ".sparesync/tmp/x",
    ".SPARESYNC/deleted.jsonl",
    ".Deleted/x",
    "a\u0000b",
    "a\nb",
  ])("is refused the path %j as a whole batch, counted", async (name) => {
    const [operation, content] = put(name, "x");
    await expect(sendRaw([put("good", "x")[0], operation], [Buffer.from("x"), content])).rejects.toMatchObject({
      code: "FILE_PATH_REFUSED",
    });
    expect(fs.existsSync(pair.target("good"))).toBe(false);
    expect(JSON.stringify(pair.secondary.details())).toContain('"pathsRefused":1');
  });

  test("reaches nothing through a link on the target", async () => {
    const mtimeNs = 1000000000000000000n;
    const operations: WireOperation[] = [
      { do: "remove", path: "link/victim", kind: "file" },
      { do: "make-folder", path: "link/folder", mode: 0o755 },
      put("link/new", "x")[0],
      put("link/victim", "y")[0],
      { do: "put-link", path: "link/l", mode: 0, mtimeNs, linkTarget: "x" },
      { do: "set-attributes", path: "link/victim", kind: "file", mode: 0o777, mtimeNs },
      { do: "set-attributes", path: "link", kind: "folder", mode: 0o777, mtimeNs },
    ];
    const before = fs.statSync(path.join(pair.base, "outside"));
    const answer = (await sendRaw(operations, [Buffer.from("x"), Buffer.from("y")])) as { failures: unknown[] };
    expect(answer.failures).toHaveLength(operations.length);
    expect(fs.readdirSync(path.join(pair.base, "outside"))).toEqual(["victim"]);
    expect(fs.readFileSync(path.join(pair.base, "outside/victim"), "utf8")).toBe("victim");
    expect(fs.statSync(path.join(pair.base, "outside")).mode).toBe(before.mode);
  });

  test("reaches nothing through links in place of our own folders", async () => {
    fs.symlinkSync("../../outside", pair.target(".deleted"));
    putFile(pair.secondaryRoot, "victim", "of the folder");
    const answer = await sendRaw([{ do: "remove", path: "victim", kind: "file" }]);
    expect(answer).toMatchObject({ failures: [{ index: 0 }] });
    expect(fs.readFileSync(path.join(pair.base, "outside/victim"), "utf8")).toBe("victim");
    expect(fs.readFileSync(pair.target("victim"), "utf8")).toBe("of the folder");
  });

  test("gets no file in place whose content is not what was announced", async () => {
    const [operation] = put("file", "announced");
    const answer = await sendRaw([operation], [Buffer.from("different")]);
    expect(answer).toMatchObject({ failures: [{ index: 0 }] });
    expect(fs.existsSync(pair.target("file"))).toBe(false);
    expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
  });

  test.each([
    { when: "no body", body: undefined },
    { when: "a header longer than the body", body: Buffer.from([255, 255, 255, 255, 1]) },
    { when: "content missing", body: encodeBatch([put("f", "xx")[0]], []) },
    { when: "content left over", body: encodeBatch([put("f", "x")[0]], [Buffer.from("xx")]) },
    {
      when: "an unknown operation",
      body: encodeBatch([{ do: "run", path: "x" } as unknown as WireOperation], []),
    },
  ])("is refused a batch with $when", async ({ body }) => {
    const message = { fields: { folder: "uploads", epoch: 1, token: "t", sequence: 1 }, ...(body ? { body } : {}) };
    await expect(pair.secondary.handlers["files/apply"]!(message)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  });
});

describe("the safety rules", () => {
  beforeEach(async () => {
    for (let n = 0; n < 5; n += 1) putFile(pair.primaryRoot, `f${n}`, String(n));
    await pair.begin();
    await pair.primary.synchronise(never);
  });

  test.each([
    {
      when: "missing",
      spoil: () => {
        fs.rmSync(pair.primaryRoot, { recursive: true });
      },
    },
    {
      when: "a file",
      spoil: () => {
        fs.rmSync(pair.primaryRoot, { recursive: true });
        fs.writeFileSync(pair.primaryRoot, "");
      },
    },
    {
      when: "empty where it was not",
      spoil: () => {
        for (const f of listFiles(pair.primaryRoot)) fs.rmSync(pair.source(f));
      },
    },
  ])("delete nothing when the source is $when", async ({ spoil }) => {
    spoil();
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
    expect(listFiles(pair.secondaryRoot).filter((name) => name.startsWith("f"))).toHaveLength(5);
    expect(pair.primary.status()[0]!.health).toBe("fatal");
  });

  test("stop the target until a person approves, and then let go just that", async () => {
    for (const name of listFiles(pair.primaryRoot)) fs.rmSync(pair.source(name));
    expect(await pair.primary.approve?.("uploads")).toBe(false);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
    expect(await pair.primary.approve?.("other")).toBe(false);
    expect(await pair.primary.approve?.("uploads")).toBe(true);
    await pair.primary.synchronise(never);
    expect(listFiles(pair.secondaryRoot).filter((name) => name.startsWith("f"))).toEqual([]);
    expect(pair.primary.status()[0]!.health).toBe("ok");
    putFile(pair.primaryRoot, "later", "x");
    await pair.primary.synchronise(never);
    fs.rmSync(pair.source("later"));
    // What was approved is over.
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
  });

  test("stop where nearly all of a folder is replaced by others, as when it is another folder", async () => {
    for (let n = 0; n < 120; n += 1) putFile(pair.primaryRoot, `own/${n}`, `own ${n}`);
    await pair.primary.synchronise(never);
    fs.renameSync(pair.primaryRoot, `${pair.primaryRoot}-away`);
    for (let n = 0; n < 130; n += 1) putFile(pair.primaryRoot, `strange/${n}`, `strange ${n}`);
    await expect(pair.primary.synchronise(never)).rejects.toThrow(/others stand there/);
    expect(fs.readdirSync(path.join(pair.secondaryRoot, "own"))).toHaveLength(120);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
    expect(await pair.primary.approve?.("uploads")).toBe(true);
    await pair.primary.synchronise(never);
    expect(fs.readdirSync(pair.secondaryRoot).filter((name) => !name.startsWith("."))).toEqual(["strange"]);
  });

  test("are no doubt where all of a folder was moved", async () => {
    for (let n = 0; n < 120; n += 1) putFile(pair.primaryRoot, `own/${n}`, `own ${n}`);
    await pair.primary.synchronise(never);
    fs.renameSync(pair.source("own"), pair.source("moved"));
    await pair.primary.synchronise(never);
    expect(fs.readdirSync(path.join(pair.secondaryRoot, "moved"))).toHaveLength(120);
  });

  test("cannot be told to go on without a source", async () => {
    fs.renameSync(pair.primaryRoot, `${pair.primaryRoot}-away`);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
    expect(await pair.primary.approve?.("uploads")).toBe(false);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
  });

  test("remember over a restart on which file system the source was", async () => {
    const file = path.join(pair.base, "primary/state/files-mount-points.json");
    const known = JSON.parse(fs.readFileSync(file, "utf8")) as { uploads: { mountPoint: string } };
    fs.writeFileSync(file, JSON.stringify({ uploads: { ...known.uploads, mountPoint: "/mnt/elsewhere" } }));
    await pair.restart("primary");
    await pair.begin();
    await expect(pair.primary.synchronise(never)).rejects.toThrow(/mounted at \/mnt\/elsewhere/);
    expect(await pair.primary.approve?.("uploads")).toBe(true);
    await pair.primary.synchronise(never);
    expect(fs.readFileSync(file, "utf8")).toContain(JSON.stringify(known.uploads.mountPoint));
  });

  test("let go as soon as the source is there again", async () => {
    fs.renameSync(pair.primaryRoot, `${pair.primaryRoot}-away`);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
    fs.renameSync(`${pair.primaryRoot}-away`, pair.primaryRoot);
    await pair.primary.synchronise(never);
    expect(pair.primary.status()[0]!.health).toBe("ok");
  });

  test("refuse a target whose folder does not exist", async () => {
    fs.rmSync(pair.secondaryRoot, { recursive: true });
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ cause: { code: "FILE_FAILED" } });
    expect(fs.existsSync(pair.secondaryRoot)).toBe(false);
    expect(pair.primary.status()[0]!.health).toBe("fatal");
    expect(pair.secondary.status()[0]!.health).toBe("fatal");
  });
});

test("a target that is sent files before it has taken up its role refuses them, and nothing is wrong with it", async () => {
  await pair.begin();
  await pair.restart("secondary");
  await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ cause: { code: "NOT_ALLOWED" } });
  expect(pair.secondary.status()[0]!.health).toBe("ok");
  expect(pair.primary.status()[0]!.health).toBe("warning");
  await pair.secondary.setRole({ role: "target", epoch: 1 });
  await pair.primary.synchronise(never);
  expect(pair.primary.status()[0]!.health).toBe("ok");
});

test("a server that is not the source synchronises nothing", async () => {
  await pair.begin();
  await expect(pair.secondary.synchronise(never)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
});

test("what the source has settled is known on the target after a restart, and only for its epoch", async () => {
  putFile(pair.primaryRoot, "file", "x");
  await pair.begin();
  expect(pair.secondary.status()[0]).toMatchObject({ isComplete: false, completeUpToMs: 0 });
  const beforeMs = Date.now();
  await pair.primary.synchronise(never);
  const settled = { isComplete: true, completeUpToMs: pair.primary.status()[0]!.completeUpToMs };
  expect(settled.completeUpToMs).toBeGreaterThanOrEqual(beforeMs - 1);
  expect(pair.secondary.status()[0]).toMatchObject(settled);
  await pair.restart("secondary");
  await pair.begin();
  expect(pair.secondary.status()[0]).toMatchObject(settled);
  await pair.secondary.setRole({ role: "target", epoch: 2 });
  expect(pair.secondary.status()[0]).toMatchObject({ isComplete: false, completeUpToMs: 0 });
});

test("a drain rejects and names a file that is never at rest", async () => {
  await pair.end();
  const clock = createSystemClock();
  pair = new FileTreePair({ clock: { ...clock, sleep: (ms, signal) => clock.sleep(Math.min(ms, 25), signal) } });
  putFile(pair.primaryRoot, "log", "x".repeat(5 * 1024 * 1024));
  await pair.begin();
  pair.toSecondary.faultOf = (kind) => {
    if (kind === "files/apply") fs.appendFileSync(pair.source("log"), "more");
    return "none";
  };
  await expect(pair.primary.drain(never)).rejects.toMatchObject({
    code: "FILE_FAILED",
    message: expect.stringContaining("log") as unknown,
  });
  expect(fs.existsSync(pair.target("log"))).toBe(false);
});
