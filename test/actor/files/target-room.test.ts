import { afterEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import type { FolderSettings } from "../../../shared/core/settings/settings.js";
import { CountedDisk, usedBytes } from "../../support/counted-disk.js";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

const mebibyte = 1024 * 1024;
const largeBytes = 10 * mebibyte;

let pair: FileTreePair;
let disk: CountedDisk;
afterEach(async () => {
  await pair.end();
});

/** With a disk for the target that is `sizeBytes` large. */
async function begin(sizeBytes: number, settings: Partial<FolderSettings> = {}): Promise<void> {
  disk = new CountedDisk(sizeBytes);
  pair = new FileTreePair({ settings: { reservedFreeBytes: 0, ...settings }, roomIn: disk.roomIn });
  await pair.begin();
}

function overwrite(file: string, at: number): void {
  const descriptor = fs.openSync(file, "r+");
  fs.writeSync(descriptor, randomBytes(100), 0, 100, at);
  fs.closeSync(descriptor);
}

const temporaries = (): string[] => fs.readdirSync(pair.target(".sparesync/tmp"));

function expectEqualTrees(): void {
  expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
}

describe("a large file of which one block changed, and that does not fit twice,", () => {
  async function refuse(): Promise<void> {
    await begin(largeBytes + 8 * mebibyte);
    putFile(pair.primaryRoot, "large", randomBytes(largeBytes));
    await pair.primary.synchronise(never);
    overwrite(pair.source("large"), 3 * mebibyte);
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ cause: { code: "FILE_NO_SPACE" } });
  }

  test("is refused before it is copied, and takes no room from anything else", async () => {
    await refuse();
    expect(temporaries()).toEqual([]);
    expect(usedBytes(pair.secondaryRoot)).toBeLessThan(largeBytes + mebibyte);
    fs.rmSync(pair.source("large"));
    putFile(pair.primaryRoot, "other", randomBytes(mebibyte));
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });

  test("comes over when there is room for both", async () => {
    await refuse();
    disk.sizeBytes = 3 * largeBytes;
    const { bytesSent } = await pair.primary.synchronise(never);
    expect(bytesSent).toBe(65_536);
    expectEqualTrees();
  });

  test("is the target's to refuse when it grew: where blocks are shared it would fit", async () => {
    await refuse();
    fs.appendFileSync(pair.source("large"), "more");
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "PEER_REFUSED" });
  });

  test("is sent whole where only its holes would not fit", async () => {
    await begin(8 * mebibyte);
    fs.closeSync(fs.openSync(pair.source("sparse"), "w"));
    fs.truncateSync(pair.source("sparse"), 100 * mebibyte);
    overwrite(pair.source("sparse"), 3 * mebibyte);
    await pair.primary.synchronise(never);
    overwrite(pair.source("sparse"), 30 * mebibyte);
    await pair.primary.synchronise(never);
    expectEqualTrees();
    expect(fs.statSync(pair.target("sparse")).blocks * 512).toBeLessThan(mebibyte);
  });
});

describe("what came of a large file before the connection broke", () => {
  async function cutOff(): Promise<void> {
    await begin(largeBytes + 3 * mebibyte);
    putFile(pair.primaryRoot, "large", randomBytes(largeBytes));
    let batches = 0;
    pair.toSecondary.faultOf = (kind) => (kind === "files/apply" && (batches += 1) > 2 ? "lost" : "none");
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    pair.toSecondary.faultOf = () => "none";
    expect(usedBytes(pair.target(".sparesync/tmp"))).toBeGreaterThan(4 * mebibyte);
  }

  test("is gone on with where the rest alone fits", async () => {
    await cutOff();
    const { bytesSent } = await pair.primary.synchronise(never);
    expect(bytesSent).toBeLessThan(largeBytes - 4 * mebibyte + 65_536);
    expectEqualTrees();
  });

  test("gives way to other files that would not fit beside it", async () => {
    await cutOff();
    fs.rmSync(pair.source("large"));
    for (let index = 0; index < 11; index += 1) putFile(pair.primaryRoot, `other-${index}`, randomBytes(mebibyte));
    await pair.primary.synchronise(never);
    expectEqualTrees();
    expect(temporaries()).toEqual([]);
  });

  test("stays while it is gone on with, though the disk becomes full meanwhile", async () => {
    await cutOff();
    const before = usedBytes(pair.target(".sparesync/tmp"));
    pair.toSecondary.faultOf = (kind) => {
      if (kind === "files/apply") disk.sizeBytes = before;
      return "none";
    };
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ cause: { code: "FILE_NO_SPACE" } });
    expect(usedBytes(pair.target(".sparesync/tmp"))).toBeGreaterThanOrEqual(before);
  });
});

describe("files of which other versions are to come, together more than there is room for,", () => {
  const files = 12;

  /** Each is half a mebibyte, and 100 kB more with the next version. */
  async function beginWithFiles(settings: Partial<FolderSettings>, moreBytes = 100_000): Promise<void> {
    await begin(11.5 * mebibyte, settings);
    for (let index = 0; index < files; index += 1)
      putFile(pair.primaryRoot, `file-${index}`, randomBytes(mebibyte / 2));
    await pair.primary.synchronise(never);
    for (let index = 0; index < files; index += 1) {
      putFile(pair.primaryRoot, `file-${index}`, randomBytes(mebibyte / 2 + moreBytes));
    }
  }

  test("are refused before the first one, as the old versions stay in .deleted", async () => {
    await beginWithFiles({});
    const applied = pair.toSecondary.count("files/apply");
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({
      code: "FILE_NO_SPACE",
      message: expect.stringMatching(/no room: 7\.5 MB are to come, and there is 5\.\d MB/),
    });
    expect(pair.toSecondary.count("files/apply")).toBe(applied);
  });

  test("come over where nothing is kept", async () => {
    await beginWithFiles({ keepDeletedDays: 0 });
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });

  test("are not refused when they were only touched", async () => {
    await beginWithFiles({}, 0);
    for (let index = 0; index < files; index += 1) {
      fs.copyFileSync(pair.target(`file-${index}`), pair.source(`file-${index}`));
    }
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });

  test("are not refused for the sake of their holes", async () => {
    await beginWithFiles({}, 0);
    for (let index = 0; index < files; index += 1) {
      fs.copyFileSync(pair.target(`file-${index}`), pair.source(`file-${index}`));
    }
    fs.closeSync(fs.openSync(pair.source("hole"), "w"));
    fs.truncateSync(pair.source("hole"), 20 * mebibyte);
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });

  test("are refused as well where others were removed, which stay in .deleted", async () => {
    await begin(9 * mebibyte);
    putFile(pair.primaryRoot, "old", randomBytes(6 * mebibyte));
    await pair.primary.synchronise(never);
    fs.rmSync(pair.source("old"));
    for (let index = 0; index < files; index += 1) putFile(pair.primaryRoot, `new-${index}`, randomBytes(mebibyte / 2));
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_NO_SPACE" });
    expect(fs.existsSync(pair.target("new-0"))).toBe(false);
  });
});
