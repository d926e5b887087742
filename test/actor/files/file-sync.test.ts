import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { decodeBatch } from "../../../actor/core/file-batch.js";
import { listFiles, makeVariedTree, putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair();
});
afterEach(async () => {
  await pair.end();
});

function expectEqualTrees(): void {
  expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
}

describe("a synchronisation", () => {
  test("makes the target equal to the source in content, modes, times, links and empty folders", async () => {
    makeVariedTree(pair.primaryRoot);
    await pair.begin();
    const { changesSent } = await pair.primary.synchronise(never);
    expect(changesSent).toBeGreaterThan(20);
    expectEqualTrees();
    expect(() =>
      execFileSync("diff", ["-r", "--no-dereference", "-x", ".sparesync", pair.primaryRoot, pair.secondaryRoot]),
    ).not.toThrow();
    expect(fs.existsSync(pair.target(".deleted"))).toBe(false);
  });

  test("sends nothing the second time, neither directly nor after a restart of both sides", async () => {
    makeVariedTree(pair.primaryRoot);
    await pair.begin();
    await pair.primary.synchronise(never);
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
    await pair.restart("primary");
    await pair.restart("secondary");
    await pair.begin();
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("sends nothing when the index is lost", async () => {
    makeVariedTree(pair.primaryRoot);
    await pair.begin();
    await pair.primary.synchronise(never);
    await pair.primary.close();
    fs.rmSync(path.join(pair.base, "primary/state/files-index"), { recursive: true });
    await pair.restart("primary");
    await pair.begin();
    expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
  });

  test("brings a large file over in several pieces", async () => {
    putFile(pair.primaryRoot, "large", randomBytes(9 * 1024 * 1024 + 17));
    await pair.begin();
    await pair.primary.synchronise(never);
    expect(pair.toSecondary.count("files/apply")).toBeGreaterThanOrEqual(4);
    expectEqualTrees();
    expect(fs.readdirSync(pair.target(".sparesync/tmp"))).toEqual([]);
  });

  test("asks for no folder of a tree that is equal, however large", async () => {
    // Links, because making 2600 files durable takes its time.
    for (let n = 0; n < 7; n += 1) fs.mkdirSync(pair.source(`f${n}`));
    for (let n = 0; n < 2600; n += 1) fs.symlinkSync(String(n), pair.source(`f${n % 7}/${n}`));
    await pair.begin();
    await pair.primary.synchronise(never);
    expectEqualTrees();
    const before = pair.toSecondary.asked.length;
    expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
    const asked = pair.toSecondary.asked.slice(before);
    expect(asked.map(({ kind }) => kind)).toEqual(["files/begin", "files/settled"]);
    fs.rmSync(pair.source("f3/3"));
    const beforeThat = pair.toSecondary.asked.length;
    expect((await pair.primary.synchronise(never)).changesSent).toBe(3);
    // The root and the one folder, each twice: what goes is counted before anything is sent.
    const compared = pair.toSecondary.asked.slice(beforeThat).filter(({ kind }) => kind === "files/compare");
    expect(compared.map(({ message }) => (JSON.parse(message.body!.toString()) as unknown[]).length)).toEqual([
      1, 1, 1, 1,
    ]);
  });

  test("moves what is deleted and what is overwritten to .deleted", async () => {
    putFile(pair.primaryRoot, "docs/gone.txt", "gone");
    putFile(pair.primaryRoot, "docs/kept.txt", "first");
    await pair.begin();
    await pair.primary.synchronise(never);
    fs.rmSync(pair.source("docs/gone.txt"));
    putFile(pair.primaryRoot, "docs/kept.txt", "second version");
    await pair.primary.synchronise(never);
    putFile(pair.primaryRoot, "docs/kept.txt", "the third version");
    await pair.primary.synchronise(never);
    expectEqualTrees();
    expect(fs.readFileSync(pair.target(".deleted/docs/gone.txt"), "utf8")).toBe("gone");
    // The newest has the plain name, older ones stay beside it.
    expect(fs.readFileSync(pair.target(".deleted/docs/kept.txt"), "utf8")).toBe("second version");
    const older = listFiles(pair.target(".deleted/docs")).filter((name) =>
      /^kept\.txt\.\d{8}T\d{6}\.\d{3}Z$/.test(name),
    );
    expect(older.map((name) => fs.readFileSync(pair.target(`.deleted/docs/${name}`), "utf8"))).toEqual(["first"]);
  });

  test("undoes what was changed on the target and keeps it in .deleted", async () => {
    makeVariedTree(pair.primaryRoot);
    await pair.begin();
    await pair.primary.synchronise(never);
    fs.writeFileSync(pair.target("plain.txt"), "tampered");
    fs.rmSync(pair.target("folder"), { recursive: true });
    putFile(pair.secondaryRoot, "stranger/file", "stranger");
    fs.chmodSync(pair.target("a/z"), 0o777);
    fs.symlinkSync("/etc/passwd", pair.target("strange-link"));
    fs.rmSync(pair.target("link-to-folder"));
    fs.mkdirSync(pair.target("link-to-folder"));
    execFileSync("mkfifo", [pair.target("fifo")]);
    await pair.primary.synchronise(never);
    expectEqualTrees();
    expect(fs.readFileSync(pair.target(".deleted/plain.txt"), "utf8")).toBe("tampered");
    expect(fs.readFileSync(pair.target(".deleted/stranger/file"), "utf8")).toBe("stranger");
    expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
  });

  test("carries every change of type", async () => {
    const kinds = ["file", "folder", "link"] as const;
    const make = (kind: (typeof kinds)[number], name: string): void => {
      if (kind === "file") putFile(pair.primaryRoot, name, name);
      else if (kind === "link") fs.symlinkSync("nowhere", pair.source(name));
      else {
        putFile(pair.primaryRoot, `${name}/inner/file`, "inner");
        fs.mkdirSync(pair.source(`${name}/empty`));
      }
    };
    for (const from of kinds) for (const to of kinds) make(from, `${from}-to-${to}`);
    await pair.begin();
    await pair.primary.synchronise(never);
    for (const from of kinds) {
      for (const to of kinds) {
        fs.rmSync(pair.source(`${from}-to-${to}`), { recursive: true });
        make(to, `${from}-to-${to}`);
      }
    }
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });

  test("finds a rewrite that left size and time as they were", async () => {
    putFile(pair.primaryRoot, "same", "AAAA");
    fs.utimesSync(pair.source("same"), 1e9, 1e9);
    await pair.begin();
    await pair.primary.synchronise(never);
    await pair.restart("primary");
    await pair.begin();
    fs.writeFileSync(pair.source("same"), "BBBB");
    fs.utimesSync(pair.source("same"), 1e9, 1e9);
    await pair.primary.synchronise(never);
    expect(fs.readFileSync(pair.target("same"), "utf8")).toBe("BBBB");
  });

  test.each([
    {
      when: "the mode changed",
      act: (file: string) => {
        fs.chmodSync(file, 0o600);
      },
    },
    {
      when: "the time changed",
      act: (file: string) => {
        fs.utimesSync(file, 1e9, 1e9);
      },
    },
    {
      when: "time and mode changed",
      act: (file: string) => {
        fs.utimesSync(file, 1e9, 1e9);
        fs.chmodSync(file, 0o640);
      },
    },
    {
      when: "the same content was written again",
      act: (file: string) => {
        fs.writeFileSync(file, "content");
      },
    },
  ])("sends no content when only $when", async ({ act }) => {
    putFile(pair.primaryRoot, "file", "content");
    await pair.begin();
    await pair.primary.synchronise(never);
    act(pair.source("file"));
    expect(await pair.primary.synchronise(never)).toMatchObject({ bytesSent: 0 });
    expectEqualTrees();
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("undoes on the target a change of content that left size and times as they were", async () => {
    putFile(pair.primaryRoot, "folder/file", "AAAA");
    putFile(pair.primaryRoot, "folder/other", "CCCC");
    await pair.begin();
    await pair.primary.synchronise(never);
    await pair.primary.synchronise(never);
    const { atimeMs, mtimeMs } = fs.statSync(pair.target("folder/file"));
    fs.writeFileSync(pair.target("folder/file"), "BBBB");
    fs.utimesSync(pair.target("folder/file"), atimeMs / 1000, mtimeMs / 1000);
    // Touched only: its content is the right one.
    fs.chmodSync(pair.target("folder/other"), 0o600);
    fs.chmodSync(pair.target("folder/other"), 0o644);
    const { bytesSent } = await pair.primary.synchronise(never);
    expect(fs.readFileSync(pair.target("folder/file"), "utf8")).toBe("AAAA");
    expect(fs.readFileSync(pair.target(".deleted/folder/file"), "utf8")).toBe("BBBB");
    expect(bytesSent).toBe(4);
    expectEqualTrees();
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("sends nothing when the target's index is lost", async () => {
    makeVariedTree(pair.primaryRoot);
    await pair.begin();
    await pair.primary.synchronise(never);
    await pair.secondary.close();
    fs.rmSync(path.join(pair.base, "secondary/state/files-index"), { recursive: true });
    await pair.restart("secondary");
    await pair.begin();
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("compares a folder in pieces when it is too large for one answer", async () => {
    for (let n = 0; n < 10_050; n += 1) fs.symlinkSync("x", pair.source(`l${String(n).padStart(5, "0")}`));
    await pair.begin();
    await pair.primary.synchronise(never);
    fs.rmSync(pair.source("l00007"));
    fs.rmSync(pair.source("l10049"));
    fs.symlinkSync("x", pair.source("l09999a"));
    fs.symlinkSync("y", pair.source("m"));
    fs.rmSync(pair.target("l10020"));
    // Two removed, two made, one made again, the root's time.
    expect((await pair.primary.synchronise(never)).changesSent).toBe(6);
    expectEqualTrees();
  });

  const testAsRoot = process.getuid?.() === 0 ? test : test.skip;
  testAsRoot("keeps owner and group of files, links and folders", async () => {
    putFile(pair.primaryRoot, "folder/file", "x", 0o4755);
    fs.symlinkSync("file", pair.source("folder/link"));
    putFile(pair.primaryRoot, "large", Buffer.alloc(5 * 1024 * 1024, 1));
    const names = ["folder", "folder/file", "folder/link", "large"];
    const own = (uid: number): void => {
      for (const [index, name] of names.entries()) fs.lchownSync(pair.source(name), uid + index, uid + 10);
      fs.chmodSync(pair.source("folder/file"), 0o4755);
    };
    const owners = (root: string): string[] =>
      names.map((name) => {
        const { uid, gid, mode } = fs.lstatSync(path.join(root, name));
        return `${name} ${uid} ${gid} ${mode.toString(8)}`;
      });
    own(1000);
    await pair.begin();
    await pair.primary.synchronise(never);
    expect(owners(pair.secondaryRoot)).toEqual(owners(pair.primaryRoot));
    own(2000);
    const { bytesSent } = await pair.primary.synchronise(never);
    expect(owners(pair.secondaryRoot)).toEqual(owners(pair.primaryRoot));
    // Of the large one nobody knows the content's hash.
    expect(bytesSent).toBeLessThanOrEqual(5 * 1024 * 1024);
    expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
  });

  test("reports what cannot be copied, copies the rest and deletes nothing in its place", async () => {
    putFile(pair.primaryRoot, "good", "good");
    execFileSync("mkfifo", [pair.source("fifo")]);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${pair.primaryRoot}/bad-`), Buffer.from([0xff, 0xfe])]), "x");
    putFile(pair.primaryRoot, "new\nline", "x");
    await pair.begin();
    await pair.primary.synchronise(never);
    expect(fs.readdirSync(pair.secondaryRoot).filter((name) => !name.startsWith("."))).toEqual(["good"]);
    expect(pair.primary.status()[0]).toMatchObject({ health: "warning", isComplete: true });
    expect(JSON.stringify(pair.primary.details())).toContain("its name is not UTF-8");
    // They are no reason not to finish.
    await expect(pair.primary.drain(never)).resolves.toMatchObject({ changesSent: 0 });
  });

  test("tells names that are not UTF-8 from each other, and from the one that they look like", async () => {
    const raw = (root: string, byte: number): Buffer =>
      Buffer.concat([Buffer.from(`${root}/twin-`), Buffer.from([byte])]);
    const namesOf = (root: string) => fs.readdirSync(root, "latin1").filter((name) => !name.startsWith("."));
    const look = Buffer.from("twin-\ufffd").toString("latin1");
    putFile(pair.primaryRoot, "twin-\ufffd", "of the name that is UTF-8");
    for (const byte of [0xff, 0xfe]) fs.writeFileSync(raw(pair.primaryRoot, byte), "x");
    fs.writeFileSync(raw(pair.secondaryRoot, 0xfd), "of the target");
    await pair.begin();
    await pair.primary.synchronise(never);
    expect(namesOf(pair.secondaryRoot).sort()).toEqual([look, "twin-\xfd"].sort());
    expect(fs.readFileSync(pair.target("twin-\ufffd"), "utf8")).toBe("of the name that is UTF-8");
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
    const named = pair.primary.itemErrors?.()[0]?.paths.map(({ path, because }) => `${path}: ${because}`);
    expect(named?.sort()).toEqual(
      ["twin-\\xfd: On the target: ", "twin-\\xfe: ", "twin-\\xff: "].map((name) => `${name}its name is not UTF-8`),
    );
    fs.rmSync(pair.source("twin-\ufffd"));
    await pair.primary.synchronise(never);
    expect(namesOf(pair.secondaryRoot)).toEqual(["twin-\xfd"]);
  });

  test("goes on past a file that the target cannot take, and says which", async () => {
    putFile(pair.primaryRoot, "a", "a");
    putFile(pair.primaryRoot, "busy/file", "b");
    putFile(pair.primaryRoot, "c", "c");
    await pair.begin();
    const original = pair.toSecondary.handlers["files/apply"]!;
    pair.toSecondary.handlers = {
      ...pair.secondary.handlers,
      "files/apply": async (message) => {
        const answer = await original(message);
        const { operations } = decodeBatch(message.body);
        const index = operations.findIndex((one) => "path" in one && one.path === "busy/file");
        if (index < 0) return answer;
        return {
          fields: {},
          body: Buffer.from(JSON.stringify({ failures: [{ index, because: "it is in use" }], unset: [] })),
        };
      },
    };
    await pair.primary.synchronise(never);
    expect(fs.readFileSync(pair.target("c"), "utf8")).toBe("c");
    expect(pair.primary.status()[0]).toMatchObject({ health: "warning" });
    expect(JSON.stringify(pair.primary.details())).toContain("it is in use");
  });

  test("reverses after a promotion and keeps what the old source had in .deleted", async () => {
    makeVariedTree(pair.primaryRoot);
    await pair.begin(1);
    await pair.primary.synchronise(never);
    await pair.secondary.raiseEpoch(2, never);
    await pair.secondary.promote(2, never);
    expect(await pair.secondary.isPromoted(never)).toBe(true);
    await pair.secondary.setRole({ role: "source", epoch: 2, continuous: false });
    putFile(pair.secondaryRoot, "written-on-secondary", "s");
    putFile(pair.secondaryRoot, "plain.txt", "newer");
    fs.rmSync(pair.target("a/z"));
    putFile(pair.primaryRoot, "lost-in-failover", "l");
    await pair.primary.setRole({ role: "target", epoch: 2 });
    const before = fs.readdirSync(pair.primaryRoot, { recursive: true });
    await pair.secondary.compareReturned?.(never);
    expect(fs.readdirSync(pair.primaryRoot, { recursive: true })).toEqual(before);
    const report = fs.readFileSync(
      path.join(pair.base, "secondary/state/divergence/folder/uploads/2.found.jsonl"),
      "utf8",
    );
    expect(
      report
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([expect.objectContaining({ path: "lost-in-failover", state: "only there", bytes: 1, present: null })]);
    // As long as it is under way nobody can have seen all of it.
    await expect(pair.primary.releaseKeptAside("uploads")).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    await pair.secondary.synchronise(never);
    await pair.secondary.drain(never);
    expectEqualTrees();
    const keptAside = (await pair.primary.listKeptAside("uploads", {})).files;
    expect(keptAside.find(({ path }) => path === "lost-in-failover")).toMatchObject({ reason: "deleted", bytes: 1 });
    expect(keptAside.find(({ path }) => path === "plain.txt")).toMatchObject({ reason: "overwritten", bytes: 6 });
    const held = fs.readFileSync(pair.source(".sparesync/deleted.jsonl"), "utf8").trim().split("\n");
    expect(held.filter((line) => line.includes('"isHeld":true'))).toHaveLength(held.length);
    // From the first whole copy on nothing is replaced that was written on this server.
    await pair.secondary.setRole({ role: "source", epoch: 2, continuous: true });
    await until(() => pair.primary.status()[0]?.isComplete === true);
    putFile(pair.secondaryRoot, "written-on-secondary", "again");
    await until(() => fs.existsSync(pair.source(".deleted/written-on-secondary")));
    await pair.secondary.setRole({ role: "source", epoch: 2, continuous: false });
    const records = fs.readFileSync(pair.source(".sparesync/deleted.jsonl"), "utf8").trim().split("\n");
    expect(records.filter((line) => line.includes("isHeld"))).toHaveLength(held.length);
    const [view] = (await pair.primary.listReplaced?.(1)) ?? [];
    expect(view).toMatchObject({ form: "replaced", name: "uploads", entries: held.length, isAcknowledged: false });
    expect(view?.examples).toHaveLength(1);
    // Only the acknowledgement lets them go: who marks the pair as checked has not seen them.
    await pair.primary.lookAgain?.();
    expect(await pair.primary.releaseKeptAside("uploads")).toBe(held.length);
    expect(await pair.primary.releaseKeptAside("uploads")).toBe(0);
    expect(fs.readFileSync(pair.source(".sparesync/deleted.jsonl"), "utf8")).not.toContain("isHeld");
    expect(fs.readFileSync(pair.source(".deleted/plain.txt"), "utf8")).toBe("plain\n");
    expect(fs.readFileSync(pair.source(".deleted/lost-in-failover"), "utf8")).toBe("l");
    await pair.primary.raiseEpoch(3, never);
    await pair.primary.promote(3, never);
    await expect(pair.secondary.synchronise(never)).rejects.toMatchObject({ cause: { code: "EPOCH_TOO_OLD" } });
    expect(await pair.primary.isPromoted(never)).toBe(true);
  });
});
