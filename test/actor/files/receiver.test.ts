import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { createFolderRules, withoutSizeLimit } from "../../../actor/core/folder-rules.js";
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
function receiverOf(folder: string): { readonly begin: () => Promise<unknown>; readonly receiver: Receiver } {
  const settings = folderSettings.parse({ name: "uploads", path: folder });
  const receiver = new Receiver(settings, {
    clock: createSystemClock(),
    random: createSystemRandom(),
    requireAccepted: () => undefined,
    isHolding: () => false,
    isDurable: false,
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
