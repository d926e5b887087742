import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { encodeBatch } from "../../../actor/core/file-batch-writer.js";
import type { WireOperation } from "../../../actor/core/file-operation.js";
import type { PathSystem } from "../../../actor/core/file-path.js";
import { decodeApplyAnswer, decodeListPage, encodeListQuery } from "../../../actor/core/file-wire.js";
import { createFolderRules, withoutSizeLimit } from "../../../actor/core/folder-rules.js";
import { FolderStore } from "../../../actor/files/folder-store.js";
import { Receiver } from "../../../actor/files/receiver.js";
import { folderSettings } from "../../../shared/core/settings/data-settings.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let base: string;
beforeEach(() => {
  base = makeTemporaryFolder();
});
afterEach(() => {
  removeTree(base);
});

/** A target that takes epoch 1 and has no index of its folder yet, as between a start and the end of taking up the role. */
function receiverOf(
  folder: string,
  pathSystem: PathSystem = "posix",
): { readonly begin: () => Promise<unknown>; readonly receiver: Receiver } {
  const settings = folderSettings.parse({ name: "uploads", path: folder });
  const receiver = new Receiver(settings, {
    clock: createSystemClock(),
    random: createSystemRandom(),
    requireAccepted: () => undefined,
    hold: {
      isHolding: () => false,
      noteMoved: () => undefined,
      nameBefore: (_folder, path) => path,
      keepMoves: () => Promise.resolve(),
    },
    isDurable: false,
    pathSystem,
  });
  const { digest: rules } = withoutSizeLimit(createFolderRules(settings));
  return { receiver, begin: () => receiver.begin({ epoch: 1, rules }, { hasOwner: false, hasContent: false }) };
}

test("asked while it takes up its role it refuses, and nothing is wrong with the folder", async () => {
  const folder = path.join(base, "uploads");
  fs.mkdirSync(folder);
  const { begin, receiver } = receiverOf(folder);
  await expect(begin()).rejects.toMatchObject({ code: "NOT_ALLOWED" });
  expect(receiver.counts.fatal).toBe("");
});

test("a folder that is not there is a fatal error", async () => {
  const { begin, receiver } = receiverOf(path.join(base, "missing"));
  await expect(begin()).rejects.toMatchObject({ code: "FILE_FAILED" });
  expect(receiver.counts.fatal).toContain("cannot be used");
});

describe("where names are those of Windows", () => {
  let folder: string;
  let store: FolderStore;
  let receiver: Receiver;
  let token: string;
  let sequence: number;
  const { digest: rules } = withoutSizeLimit(createFolderRules(folderSettings.parse({ name: "uploads", path: "/" })));
  beforeEach(async () => {
    folder = path.join(base, "uploads");
    fs.mkdirSync(folder);
    ({ receiver } = receiverOf(folder, "windows"));
    store = await FolderStore.open(path.join(base, "index"));
    await receiver.prepare(store);
    ({ token } = await receiver.begin({ epoch: 1, rules }, { hasOwner: false, hasContent: false }));
    sequence = 0;
  });
  afterEach(async () => {
    await receiver.close();
    store.close();
  });

  const attributes = { mode: 0o644, mtimeNs: 0n } as const;
  const link = (name: string): WireOperation => ({ do: "put-link", path: name, linkTarget: "x", ...attributes });
  const make = (name: string): WireOperation => ({ do: "make-folder", path: name, mode: 0o755 });
  const move = (from: string, to: string): WireOperation => ({ do: "move", from, path: to, kind: "link" });
  const names = (): string[] => fs.readdirSync(folder).filter((name) => name !== ".sparesync");

  function apply(operations: readonly WireOperation[]): Promise<Buffer> {
    sequence += 1;
    const body = encodeBatch(
      operations,
      operations.map(() => Buffer.alloc(0)),
    );
    return receiver.apply({ epoch: 1, token, sequence }, body);
  }

  test("one that Windows cannot have is refused alone, by its place in the batch, and counted", async () => {
    const begun = { do: "begin-transfer", transfer: "t", path: "nul", state: "00".repeat(32) } as const;
    const finish = { do: "finish-file", transfer: "t", path: "nul", size: 0, ...attributes } as const;
    const root = { do: "set-attributes", path: "", kind: "folder", mode: 0o755, mtimeNs: 0n } as const;
    const operations = [
      link("good"),
      link("con"),
      make("x."),
      link("x./y"),
      begun,
      finish,
      make("fine"),
      make("good"),
      root,
    ];
    const { failures, unset } = decodeApplyAnswer(await apply(operations));
    expect(unset).toEqual([]);
    expect(Object.fromEntries(failures.map(({ index, because }) => [index, because]))).toEqual({
      1: expect.stringContaining("not representable on Windows: it names a device"),
      2: expect.stringContaining("not representable on Windows: a name in it ends with a dot"),
      3: expect.stringContaining("not representable on Windows"),
      4: expect.stringContaining("not representable on Windows"),
      5: expect.stringContaining("not representable on Windows"),
      // The failure of something behind them keeps its place.
      7: expect.stringContaining("stands at"),
    });
    expect(names().sort()).toEqual(["fine", "good"]);
    expect(receiver.counts).toMatchObject({ pathsRefused: 5, fatal: "" });
    expect(decodeApplyAnswer(await apply([move("good", "aux")])).failures).toHaveLength(1);
    expect(decodeApplyAnswer(await apply([move("aux", "other")])).failures).toHaveLength(1);
    expect(names().sort()).toEqual(["fine", "good"]);
  });

  test.each(["..\\x", "C:\\x", "\\x", "../x", "a\nb", "/x"])(
    "one that leads elsewhere is refused with its whole batch: %j",
    async (name) => {
      await expect(apply([link("good"), link(name)])).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
      expect(names()).toEqual([]);
      expect(receiver.counts.pathsRefused).toBe(1);
    },
  );

  test("a listing asks the disk for none of them, and goes on", async () => {
    // As Windows does with a device: something answers to the name.
    fs.writeFileSync(path.join(folder, "con"), "");
    fs.writeFileSync(path.join(folder, "good"), "");
    const page = await receiver.list({ epoch: 1, rules }, encodeListQuery({ paths: ["con", "good"] }));
    const { entries, problems } = decodeListPage(page.body);
    expect(entries.map((entry) => entry.path)).toEqual(["", "good"]);
    expect(problems).toEqual([{ path: "con", because: expect.stringContaining("not representable") }]);
  });

  test("a large file with such a name has nothing to be built on", async () => {
    fs.writeFileSync(path.join(folder, "con"), "content");
    const query = Buffer.from(JSON.stringify({ path: "con", transfer: "t", from: 0 }));
    expect(await receiver.blocks(1, token, query)).toMatchObject({ basis: "none", size: 0 });
  });
});

test.each(["..", "../x", "a/../../x", "/etc", ".sparesync/tmp"])(
  "nothing outside of the folder, or of our own, is listed: %j is refused and counted",
  async (asked) => {
    const folder = path.join(base, "uploads");
    fs.mkdirSync(folder);
    const { receiver } = receiverOf(folder);
    const store = await FolderStore.open(path.join(base, "index"));
    await receiver.prepare(store);
    const { digest: rules } = withoutSizeLimit(createFolderRules(folderSettings.parse({ name: "u", path: folder })));
    const list = receiver.list({ epoch: 1, rules }, encodeListQuery({ paths: ["good", asked] }));
    await expect(list).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
    expect(receiver.counts.pathsRefused).toBe(1);
    await receiver.close();
    store.close();
  },
);
