import { afterEach, expect, test } from "@jest/globals";
import type { SyncPart } from "../../../actor/sync-part.js";
import { runTurnOffWatch } from "../../../actor/watch/turn-off-watch.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import { benchContext, firstRecord } from "../../support/context-bench.js";
import { settled } from "../../support/manual-clock.js";

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
});

/** A watch over a part that gives this reason once; the primary is active. */
async function watch(server: ServerName, reason: string | undefined) {
  const reasons = [reason];
  // The watch asks nothing else of a part.
  const part = { name: "database", takeTurnOff: () => reasons.shift() } as unknown as SyncPart;
  const bench = await benchContext(server, { prepare: (ports) => Object.assign(ports, { parts: [part] }) });
  await bench.context.store.change((facts) => ({ ...facts, record: firstRecord }));
  stop = () => {
    bench.stopping.abort();
  };
  return bench;
}

async function begin({ context, ports }: Awaited<ReturnType<typeof benchContext>>): Promise<void> {
  void runTurnOffWatch(context);
  await settled();
  await ports.clock.advance(5);
}

test.each([
  { when: "the active server has a reason", server: "primary", reason: "a copy is needed", isEnabled: false },
  { when: "there is none", server: "primary", reason: undefined, isEnabled: true },
  { when: "the other server is the active one", server: "secondary", reason: "a copy is needed", isEnabled: true },
] as const)("when $when, it is on afterwards: $isEnabled", async ({ server, reason, isEnabled }) => {
  const bench = await watch(server, reason);
  await begin(bench);
  const { facts } = bench.context.store;
  expect(facts.isEnabled).toBe(isEnabled);
  expect(bench.ports.events().includes("turned-off")).toBe(!isEnabled);
  if (!isEnabled) expect(facts.enabledBecause).toBe("sparesync: a copy is needed");
});

test("a person who turns it on again is not overruled by a reason that has been heard", async () => {
  const bench = await watch("primary", "a copy is needed");
  await begin(bench);
  await bench.context.store.change((facts) => ({ ...facts, isEnabled: true }));
  await bench.ports.clock.advance(30);
  expect(bench.context.store.facts.isEnabled).toBe(true);
});
