import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { encodeListPage, type ListedEntry } from "../../../actor/core/file-wire.js";
import { encodeFolderRecord } from "../../../actor/core/folder-record.js";
import { decodeCompared, encodeCompared } from "../../../actor/core/tree-wire.js";
import { TargetPeer } from "../../../actor/files/target-peer.js";
import type { LinkMessage } from "../../../actor/link/link.js";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

function file(path: string): ListedEntry {
  return { path, kind: "file", size: 1, mtimeNs: 1n, mode: 0o644 };
}

const nameOf = (index: number): string => `f${String(index).padStart(9, "0")}`;

/** A target that gives such pages, one after the other and without an end. */
function peerOf(entriesOf: (page: number) => readonly ListedEntry[]): {
  peer: TargetPeer;
  asked: () => number;
} {
  let pages = 0;
  const ask = (): Promise<LinkMessage> => {
    const entries = entriesOf(pages);
    pages += 1;
    const body = encodeListPage({ entries, problems: [], isLast: false });
    return Promise.resolve({ fields: { token: "t", roomBytes: 1 }, body });
  };
  return { peer: new TargetPeer({ ask }, { folder: "f", epoch: 1, rules: "" }, never), asked: () => pages };
}

describe("a listing without an end", () => {
  test("is ended when it is more than a listing holds, and then everything is compared by digests", async () => {
    const { peer, asked } = peerOf((page) => Array.from({ length: 20_000 }, (_, n) => file(nameOf(page * 20_000 + n))));
    expect(await peer.list([""])).toBeUndefined();
    expect(asked()).toBe(11);
  });

  test("is refused when its pages hold next to nothing", async () => {
    const { peer, asked } = peerOf((page) => [file(nameOf(page))]);
    await expect(peer.list([""])).rejects.toMatchObject({
      code: "PEER_REFUSED",
      message: expect.stringContaining("no end"),
    });
    expect(asked()).toBe(1000);
  });

  test.each([
    { when: "a page comes again", of: () => [file("a"), file("b")] },
    { when: "its paths do not rise", of: () => [file("a"), file("c"), file("b"), file("d")] },
    { when: "a path comes twice", of: () => [file("a"), file("a"), file("b")] },
    { when: "its pages are empty", of: () => [] },
  ])("is refused at once when $when", async ({ of }) => {
    const { peer, asked } = peerOf(of);
    await expect(peer.list([""])).rejects.toMatchObject({ code: "PEER_REFUSED" });
    expect(asked()).toBeLessThanOrEqual(2);
  });
});

describe("a target whose folders have no end", () => {
  let pair: FileTreePair;
  beforeEach(async () => {
    pair = new FileTreePair();
    await pair.begin();
    for (const name of ["a", "b", "c"]) putFile(pair.primaryRoot, `folder/${name}`, name);
    putFile(pair.primaryRoot, "single/file", "x");
    await pair.primary.synchronise(never);
  });
  afterEach(async () => {
    await pair.end();
  });

  /** From here on the same piece of a folder comes whatever is asked for, and none is the last. */
  function givePieces(): void {
    const original = pair.toSecondary.handlers["files/compare"]!;
    pair.toSecondary.handlers = {
      ...pair.toSecondary.handlers,
      "files/compare": async (message) => {
        const query = JSON.parse(message.body!.toString("utf8")) as { path: string; skip: number }[];
        if (query.some(({ path }) => path === "")) return original(message);
        const body = Buffer.from(JSON.stringify(query.map((one) => ({ ...one, skip: 0 }))));
        const answer = await original({ ...message, body });
        const folders = decodeCompared(answer.body).map((one) =>
          one.kind === "record"
            ? encodeCompared("piece", encodeFolderRecord(one.record))
            : encodeCompared(one.kind, Buffer.alloc(0)),
        );
        return { ...answer, body: Buffer.concat(folders) };
      },
    };
  }

  const inNoOrder = { code: "PEER_REFUSED", message: expect.stringContaining("in no order") };

  test.each(["folder/b", "single/file"])("is refused when the names of one come again (%s)", async (name) => {
    putFile(pair.primaryRoot, name, "another one");
    givePieces();
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject(inNoOrder);
  });

  test("is refused when all in one that is gone is asked for", async () => {
    fs.rmSync(pair.source("folder"), { recursive: true });
    givePieces();
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject(inNoOrder);
  });
});
