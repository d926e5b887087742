import { afterEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { decodeBatch } from "../../../actor/core/file-batch.js";
import type { ChangeEvents } from "../../../actor/files/change-source.js";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
afterEach(async () => {
  await pair.end();
});

let events: ChangeEvents;

/** A folder on whose target a file named "refused" keeps its old content; nothing is noticed but what a test tells. */
async function beginRefusing(delaySeconds: number): Promise<void> {
  pair = new FileTreePair({
    settings: { delaySeconds },
    openChangeSource: (_root, _ignored, to) => {
      events = to;
      return { ready: Promise.resolve(), close: () => Promise.resolve() };
    },
  });
  putFile(pair.primaryRoot, "refused", "old");
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete);
}

/** From now on. The answer resolves when it was refused and the target was told twice since then how complete it is. */
function refuse(): () => Promise<void> {
  let refusals = 0;
  const { handlers } = pair.toSecondary;
  const apply = handlers["files/apply"]!;
  pair.toSecondary.handlers = {
    ...handlers,
    "files/apply": (message) => {
      const index = decodeBatch(message.body).operations.findIndex((one) => "path" in one && one.path === "refused");
      if (index < 0) return apply(message);
      refusals += 1;
      const failures = [{ index, because: "it is in use" }];
      return Promise.resolve({ fields: {}, body: Buffer.from(JSON.stringify({ failures, unset: [] })) });
    },
  };
  return async () => {
    await until(() => refusals > 0);
    const told = pair.toSecondary.count("files/settled");
    await until(() => pair.toSecondary.count("files/settled") > told + 2);
  };
}

test("what could not be brought over is missing since it was noticed to change, not since it failed", async () => {
  await beginRefusing(3);
  const whenTold = refuse();
  const changedAtMs = Date.now();
  fs.writeFileSync(pair.source("refused"), "new");
  events.onDirty("refused");
  await whenTold();
  expect(fs.readFileSync(pair.target("refused"), "utf8")).toBe("old");
  expect(pair.secondary.status()[0]!.completeUpToMs).toBeLessThanOrEqual(changedAtMs);
  expect(pair.primary.status()[0]!.oldestPendingAtMs).toBeLessThan(changedAtMs + 1000);
});

test("what an analysis could not bring over may be missing since the target was complete", async () => {
  await beginRefusing(0);
  await pair.primary.close();
  const changedAtMs = Date.now();
  fs.writeFileSync(pair.source("refused"), "new");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await pair.restart("primary");
  const whenTold = refuse();
  await pair.primary.setRole({ role: "source", epoch: 1, continuous: true });
  await whenTold();
  expect(pair.secondary.status()[0]!.completeUpToMs).toBeLessThanOrEqual(changedAtMs);
  expect(pair.primary.status()[0]!.oldestPendingAtMs).toBeLessThanOrEqual(changedAtMs);
});
