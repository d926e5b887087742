import { describe, expect, test } from "@jest/globals";
import { analyseFolders } from "../../actor/analyse-folders.js";
import type { ActorContext } from "../../actor/actor-context.js";
import { emptyFacts, type KeptFacts } from "../../actor/core/kept-facts.js";
import { rememberLog } from "../support/log-memory.js";

/** The primary with two folders, active and sending unless said otherwise. */
function contextOf({ facts = {}, sends = true, folders = ["uploads", "reports"] }: Scene = {}) {
  const asked: unknown[] = [];
  const log = rememberLog();
  const record = { epoch: 1, active: "primary", operationId: "first" };
  const files = {
    requestAnalysis: (hasContent: boolean, names: readonly string[]) => {
      asked.push({ hasContent, names });
      return Promise.resolve(sends ? names : []);
    },
  };
  const context = {
    server: "primary",
    settings: { folders: folders.map((name) => ({ name })) },
    store: { facts: { ...emptyFacts("shop", "primary"), record, ...facts } },
    ports: { log, parts: [files, {}] },
  } as unknown as ActorContext;
  return { context, asked, log };
}

interface Scene {
  readonly facts?: Partial<KeptFacts>;
  readonly sends?: boolean;
  readonly folders?: readonly string[];
}

describe("a person has folders compared", () => {
  test("all of them, or the one named, which the log tells", async () => {
    const { context, asked, log } = contextOf();
    expect(await analyseFolders(context, { hasContent: false }, "olga")).toEqual(["uploads", "reports"]);
    expect(await analyseFolders(context, { folder: "reports", hasContent: true }, "olga")).toEqual(["reports"]);
    expect(asked).toEqual([
      { hasContent: false, names: ["uploads", "reports"] },
      { hasContent: true, names: ["reports"] },
    ]);
    expect(JSON.stringify(log.lines.at(-1))).toContain("olga");
  });

  test("and is told which there are, where there is no such folder", async () => {
    const { context, asked } = contextOf();
    await expect(analyseFolders(context, { folder: "upload", hasContent: false }, "olga")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining('"upload"'),
      hint: "There are: uploads, reports.",
    });
    expect(asked).toEqual([]);
  });

  const secondaryServes = { epoch: 2, active: "secondary", operationId: "second" } as const;
  test.each([
    { when: "the other server is active", scene: { facts: { record: secondaryServes } }, because: /not active/ },
    { when: "synchronisation is off", scene: { facts: { isEnabled: false } }, because: /turned off/ },
    { when: "nothing is sent for another reason", scene: {}, because: /sends no files now/ },
    { when: "nobody knows yet who is active", scene: { facts: { record: null } }, because: /sends no files now/ },
    { when: "there are no folders", scene: { folders: [] }, because: /no folder/ },
  ])("is refused with the reason when $when", async ({ scene, because }) => {
    const { context } = contextOf({ ...scene, sends: false });
    const refused = { code: "OPERATION_REFUSED", message: expect.stringMatching(because), hint: expect.any(String) };
    await expect(analyseFolders(context, { hasContent: false }, "olga")).rejects.toMatchObject(refused);
  });
});
