import { afterEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { listFiles, putFile } from "../../support/file-tree.js";
import { FileTreePair, never, type PairOptions } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
afterEach(async () => {
  await pair.end();
});

async function begin(options: PairOptions, isContinuous = false): Promise<void> {
  pair = new FileTreePair(options);
  for (const name of ["kept", "a.log", "cache/inner/file", "folder/b.log", "folder/file"]) {
    putFile(pair.primaryRoot, name, name);
  }
  await pair.begin(1, isContinuous);
}

function filesOfTarget(): string[] {
  return listFiles(pair.secondaryRoot).filter((name) => !name.startsWith("."));
}

describe("ignored files", () => {
  const ignore = ["*.log", "cache/"];

  test("are neither copied nor reported nor removed nor gone, in a full analysis", async () => {
    await begin({ settings: { ignore } });
    execFileSync("mkfifo", [pair.source("fifo.log")]);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${pair.primaryRoot}/\xff`, "latin1"), Buffer.from(".log")]), "x");
    for (const name of ["own.log", "cache/own"]) putFile(pair.secondaryRoot, name, "of the target");
    await pair.primary.synchronise(never);
    expect(filesOfTarget()).toEqual(["cache/own", "folder/file", "kept", "own.log"]);
    expect(pair.primary.status()[0]).toMatchObject({ health: "ok", isComplete: true });
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("are not noticed, and what is beside them is", async () => {
    await begin({ settings: { ignore } }, true);
    await until(() => pair.secondary.status()[0]!.isComplete);
    putFile(pair.primaryRoot, "cache/inner/new", "x");
    putFile(pair.primaryRoot, "new.log", "x");
    putFile(pair.primaryRoot, "folder/new", "x");
    putFile(pair.secondaryRoot, "folder/kept.log", "of the target");
    fs.rmSync(pair.source("folder/file"));
    await until(() => fs.existsSync(pair.target("folder/new")) && !fs.existsSync(pair.target("folder/file")));
    expect(filesOfTarget()).toEqual(["folder/kept.log", "folder/new", "kept"]);
    // Nobody asked about them either.
    const asked = pair.toSecondary.asked.map(({ message }) => message.body?.toString("latin1") ?? "");
    expect(asked.filter((body) => body.includes("cache") || body.includes("new.log"))).toEqual([]);
  });

  test("must be the same on both servers: otherwise nothing is touched", async () => {
    await begin({ settings: { ignore } });
    await pair.restart("secondary", { settings: { ignore: ["*.log"] } });
    putFile(pair.secondaryRoot, "cache/own", "of the target");
    await pair.begin();
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ cause: { code: "SETTINGS_INVALID" } });
    expect(filesOfTarget()).toEqual(["cache/own"]);
    expect(pair.primary.status()[0]).toMatchObject({ health: "fatal" });
    expect(pair.primary.status()[0]!.because).toMatch(/ignore the same in the folder uploads/);
  });
});

test("a file above the limit of size is named, and what the target has of it stays; nobody is switched to that", async () => {
  await begin({ settings: { largestFileBytes: 1000 } });
  putFile(pair.primaryRoot, "grows", "small");
  await pair.primary.synchronise(never);
  putFile(pair.primaryRoot, "grows", "x".repeat(1001));
  putFile(pair.primaryRoot, "just", "x".repeat(1000));
  await pair.primary.synchronise(never);
  expect(fs.readFileSync(pair.target("grows"), "utf8")).toBe("small");
  expect(fs.existsSync(pair.target("just"))).toBe(true);
  expect(pair.primary.itemErrors?.()[0]).toMatchObject({
    warnings: 1,
    paths: [{ path: "grows", kind: "skipped", because: outgrownText }],
  });
  await expect(pair.primary.drain(never)).rejects.toMatchObject({
    code: "FILE_FAILED",
    message: expect.stringMatching(/"grows": it is larger than 1000 bytes/),
  });
  // Without a copy there nobody takes it for the file.
  fs.rmSync(pair.target("grows"));
  await pair.primary.synchronise(never);
  await expect(pair.primary.drain(never)).resolves.toMatchObject({ changesSent: 0 });
  fs.truncateSync(pair.source("grows"), 3);
  await pair.primary.synchronise(never);
  expect(fs.readFileSync(pair.target("grows"), "utf8")).toBe("xxx");
  expect(pair.primary.status()[0]).toMatchObject({ health: "ok" });
});

const outgrownText = expect.stringMatching(
  /^it is larger than 1000 bytes \(largestFileBytes\), and the spare has the version of \d{4}-\d\d-\d\dT/,
);

test("a file that outgrows the limit is named by its event", async () => {
  await begin({ settings: { largestFileBytes: 1000 } }, true);
  putFile(pair.primaryRoot, "grows", "small");
  await until(() => fs.existsSync(pair.target("grows")) && pair.primary.status()[0]!.isComplete);
  const { lastFullAnalysisAtMs } = pair.primary.status()[0]!;
  putFile(pair.primaryRoot, "grows", "x".repeat(1001));
  await until(() => pair.primary.itemErrors!()[0]!.warnings === 1);
  expect(pair.primary.itemErrors!()[0]!.paths).toMatchObject([{ path: "grows", because: outgrownText }]);
  expect(pair.primary.status()[0]!.lastFullAnalysisAtMs).toBe(lastFullAnalysisAtMs);
});

test("a file that was copied under another limit stands in nobody's way: only its next version is not", async () => {
  await begin({});
  putFile(pair.primaryRoot, "large", "x".repeat(1001));
  await pair.primary.synchronise(never);
  const settings = { settings: { largestFileBytes: 1000 } };
  await pair.restart("primary", settings);
  await pair.restart("secondary", settings);
  await pair.begin();
  await expect(pair.primary.drain(never)).resolves.toMatchObject({ changesSent: 0 });
});

describe("what does not fit beside the reserve on the target", () => {
  const none = { reservedFreeBytes: Number.MAX_SAFE_INTEGER };

  test("is refused before it begins, and goes when there is room", async () => {
    await begin({ settings: none });
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_NO_SPACE" });
    expect(pair.toSecondary.count("files/apply")).toBe(0);
    expect(pair.primary.status()[0]).toMatchObject({ health: "fatal", isComplete: false });
    await pair.restart("secondary", { settings: { reservedFreeBytes: 0 } });
    await pair.begin();
    await pair.primary.synchronise(never);
    expect(pair.primary.status()[0]).toMatchObject({ health: "ok", isComplete: true });
    // No room for more: a removal and a file that becomes smaller need none, a new file does.
    await pair.restart("secondary", { settings: none });
    await pair.begin();
    fs.rmSync(pair.source("a.log"));
    await pair.primary.synchronise(never);
    expect(fs.existsSync(pair.target("a.log"))).toBe(false);
  });

  test("is refused among changes that were noticed as well", async () => {
    await begin({}, true);
    await until(() => pair.primary.status()[0]!.isComplete && pair.primary.status()[0]!.pendingChanges === 0);
    await pair.restart("secondary", { settings: none });
    await pair.secondary.setRole({ role: "target", epoch: 1 });
    const applied = pair.toSecondary.count("files/apply");
    putFile(pair.primaryRoot, "new", "new");
    await until(() => pair.primary.status()[0]!.health === "fatal");
    expect(pair.primary.status()[0]!.because).toMatch(/no room: 0.0 MB are to come/);
    expect(pair.toSecondary.count("files/apply")).toBe(applied);
  });

  test("is counted by what it occupies: a hole needs no room", async () => {
    await begin({});
    const holeBytes = 2 ** 43;
    fs.closeSync(fs.openSync(pair.source("hole"), "w"));
    fs.truncateSync(pair.source("hole"), holeBytes);
    const { bavail, bsize } = fs.statfsSync(pair.secondaryRoot);
    expect(bavail * bsize).toBeLessThan(holeBytes);
    const stop = new AbortController();
    pair.toSecondary.faultOf = (kind) => {
      // Reading it all would take long; that it begins is what is asked.
      if (kind === "files/apply" || kind === "files/blocks") stop.abort();
      return "none";
    };
    await expect(pair.primary.synchronise(stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
  });
});
