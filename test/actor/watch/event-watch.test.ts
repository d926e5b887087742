import { describe, expect, test } from "@jest/globals";
import { recordEvent } from "../../../actor/record-event.js";
import { writeEvents } from "../../../actor/watch/event-watch.js";
import type { EventRecord } from "../../../shared/core/event-record.js";
import { benchContext } from "../../support/context-bench.js";

const turnOff = (isEnabled: boolean) => ({ isEnabled, enabledBecause: "olga: patches" });

describe("events", () => {
  test("are kept with the very write they are about, and written to the history after it", async () => {
    const { context, ports, kept } = await benchContext("primary");
    await context.store.change((facts) => ({ ...facts, ...turnOff(false) }));
    expect(kept()).toMatchObject({ isEnabled: false, events: [{ sequence: 1, name: "TurnedOff", who: "olga" }] });
    expect(ports.happened).toEqual([]);
    await writeEvents(context);
    await writeEvents(context);
    expect(ports.happened.map(({ name }) => name)).toEqual(["TurnedOff"]);
  });

  test("that a kill left unwritten are written by the next start, once", async () => {
    const first = await benchContext("primary");
    await first.context.store.change((facts) => ({ ...facts, ...turnOff(false) }));
    await writeEvents(first.context);
    await first.context.store.change((facts) => ({ ...facts, ...turnOff(true) }));
    const second = await benchContext("primary", {
      facts: first.kept(),
      prepare: (ports) => ports.happened.push(...first.ports.happened),
    });
    await writeEvents(second.context);
    expect(second.ports.happened.map(({ name }) => name)).toEqual(["TurnedOff", "TurnedOn"]);
  });

  test("wait while the history cannot be written; what does not fit meanwhile is said", async () => {
    const { context, ports } = await benchContext("primary");
    await recordEvent(context, { name: "ActorStarted", who: "actor", why: "" });
    const append = (records: readonly EventRecord[]) => Promise.resolve(void ports.happened.push(...records));
    Object.assign(ports.history, { append: () => Promise.reject(new Error("the disk is full")) });
    await expect(writeEvents(context)).rejects.toThrow("the disk is full");
    Object.assign(ports.history, { append });
    for (let count = 0; count < 51; count += 1) await recordEvent(context, { name: "TurnedOn", who: "o", why: "" });
    await writeEvents(context);
    expect(ports.happened).toHaveLength(50);
    expect(ports.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", event: "events-lost", fields: expect.objectContaining({ count: 2 }) }),
    );
  });

  test("that cannot be kept do not stop what they are about", async () => {
    const { context, ports } = await benchContext("primary");
    ports.beforeWrite = () => {
      throw new Error("the disk is full");
    };
    await recordEvent(context, { name: "ActorStarted", who: "actor", why: "" });
    expect(ports.events()).toContain("event-not-kept");
  });
});
