import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { noMessages } from "../../../actor/core/message-state.js";
import { MessageOutbox } from "../../../actor/message-outbox.js";
import { createOutboxDisk } from "../../../actor/notify/outbox-disk.js";
import { rememberLog } from "../../support/log-memory.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "outbox-disk-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (log = rememberLog()) => MessageOutbox.open(createOutboxDisk(folder), log);
const mail = {
  ...{ id: "shop.primary.TurnedOff.1", inReplyTo: "", subject: "TurnedOff — geändert", text: "a", html: "<p>a" },
  ...{ queuedAtMs: 1, attempts: 2, nextAttemptMs: 3 },
};
const told = { sinceMs: 1, because: "gone", toldAtMs: 2, toldBy: "mail", thread: "MissingConnection.1" } as const;

describe("the outbox on a disk", () => {
  test("has the mails that wait and what was told after a restart, and nobody else reads them", async () => {
    const outbox = await open();
    const state = { ...noMessages, held: { MissingConnection: told, "FileSyncProblemWarn uploads": told } };
    await outbox.change((document) => ({ ...document, state, queue: [mail] }));
    await outbox.change((document) => ({ ...document, queue: [...document.queue, { ...mail, id: "second" }] }));
    const again = await open();
    expect(again.document).toEqual({ version: 1, state, queue: [mail, { ...mail, id: "second" }] });
    expect(await readdir(folder)).toEqual(["outbox.json"]);
    expect((await stat(path.join(folder, "outbox.json"))).mode & 0o777).toBe(0o600);
  });

  test("is empty where there never was one", async () => {
    const log = rememberLog();
    expect((await open(log)).document).toEqual({ version: 1, state: noMessages, queue: [] });
    expect(log.events).toEqual([]);
  });

  test("that was cut short is begun anew, loudly", async () => {
    await writeFile(path.join(folder, "outbox.json"), '{"version":1,"queue":[');
    const log = rememberLog();
    const outbox = await open(log);
    expect(outbox.document.queue).toEqual([]);
    expect(log.events).toEqual(["outbox-not-read"]);
    await outbox.change((document) => ({ ...document, queue: [mail] }));
    expect((await open()).document.queue).toEqual([mail]);
  });
});
