import { describe, expect, test } from "@jest/globals";
import { emptyFacts } from "../../actor/core/kept-facts.js";
import { FactsStore } from "../../actor/facts-store.js";
import { AppError } from "../../shared/core/app-error.js";
import { FakePorts } from "../support/context-bench.js";

async function openWith(document: unknown): Promise<{ store: FactsStore; ports: FakePorts }> {
  const ports = new FakePorts();
  ports.document = document;
  return { store: await FactsStore.open(ports.disk, "shop", "primary", () => 1000), ports };
}

describe("the kept facts", () => {
  test("start empty only where there never was a document", async () => {
    const { store } = await openWith(undefined);
    expect(store.facts).toEqual(emptyFacts("shop", "primary"));
  });

  test.each([
    {
      when: "it is of another pair",
      document: emptyFacts("mail", "primary"),
      message: /belongs to the primary of pair mail/,
    },
    {
      when: "it is of the other server",
      document: emptyFacts("shop", "secondary"),
      message: /belongs to the secondary of pair shop/,
    },
    {
      when: "it is of another form",
      document: { ...emptyFacts("shop", "primary"), version: 2 },
      message: /not of the expected form/,
    },
    { when: "it is empty", document: {}, message: /not of the expected form/ },
    { when: "it is null", document: null, message: /not of the expected form/ },
  ])("are refused with a hint when $when", async ({ document, message }) => {
    const error: unknown = await openWith(document).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "STATE_UNREADABLE" });
    expect((error as AppError).message).toMatch(message);
    expect((error as AppError).hint).not.toBe("");
    expect((error as AppError).hint).toBeDefined();
  });

  test("are seen only when they are durable", async () => {
    const { store, ports } = await openWith(undefined);
    let finish = (): void => undefined;
    ports.beforeWrite = () => new Promise((resolve) => (finish = resolve));
    const changing = store.change((facts) => ({ ...facts, isEnabled: false }));
    await Promise.resolve();
    expect(store.facts.isEnabled).toBe(true);
    finish();
    expect((await changing).isEnabled).toBe(false);
    expect(store.facts.isEnabled).toBe(false);
  });

  test("stay as they were when the disk fails, and the next change works", async () => {
    const { store, ports } = await openWith(undefined);
    const failing = store.change((facts) => ({ ...facts, isEnabled: false }));
    const next = store.change((facts) => ({ ...facts, enabledBecause: `was ${String(facts.isEnabled)}` }));
    ports.beforeWrite = () => {
      ports.beforeWrite = () => Promise.resolve();
      return Promise.reject(new AppError("STATE_UNREADABLE", "disk full"));
    };
    await expect(failing).rejects.toThrow("disk full");
    expect(await next).toMatchObject({ isEnabled: true, enabledBecause: "was true" });
    expect(ports.document).toMatchObject({ isEnabled: true, enabledBecause: "was true" });
  });

  test("are changed one after another, each on the result of the one before", async () => {
    const { store } = await openWith(undefined);
    const add = (): Promise<unknown> =>
      store.change((facts) => ({ ...facts, enabledSequence: facts.enabledSequence + 1 }));
    await Promise.all([add(), add(), add()]);
    expect(store.facts.enabledSequence).toBe(3);
  });

  test("are not written when nothing has changed", async () => {
    const { store, ports } = await openWith(undefined);
    await store.change((facts) => facts);
    expect(ports.document).toBeUndefined();
  });
});
