import { afterEach, expect, test } from "@jest/globals";
import type { AnsweredAddresses } from "../../../actor/core/dns-addresses.js";
import { runNameWatch } from "../../../actor/watch/name-watch.js";
import { benchContext } from "../../support/context-bench.js";

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
});

/** Watches a name whose addresses are "primary" and "secondary"; each look is answered by what `answers` holds then. */
async function watch(first: readonly AnsweredAddresses[]) {
  const held = { answers: first, looks: 0 };
  const bench = await benchContext("primary", {
    prepare: (ports) => {
      ports.nameServer.readAddresses = () => {
        held.looks += 1;
        return Promise.resolve([...held.answers] as { server: string; addresses: string[] }[]);
      };
    },
  });
  void runNameWatch(bench.context);
  stop = () => {
    bench.stopping.abort();
  };
  await bench.ports.clock.advance(0);
  return { ...bench, held };
}

const says = (...addresses: string[]): AnsweredAddresses => ({ server: "ns1", addresses });
const silent: AnsweredAddresses = { server: "ns2", addresses: [], error: "no answer" };

test("looks as often as ownership is confirmed", async () => {
  const { ports, held } = await watch([says("primary")]);
  await ports.clock.advance(29);
  expect(held.looks).toBe(3);
});

test.each<{ when: string; answers: AnsweredAddresses[]; published: string[]; isNeither: boolean }>([
  { when: "it points to the primary", answers: [says("primary")], published: ["primary"], isNeither: false },
  { when: "it points to the secondary", answers: [says("secondary")], published: ["secondary"], isNeither: false },
  { when: "it points elsewhere", answers: [says("192.0.2.99")], published: ["192.0.2.99"], isNeither: true },
  { when: "it has no address", answers: [says()], published: [], isNeither: true },
  {
    when: "one of two servers still has the former address",
    answers: [says("primary"), says("192.0.2.99")],
    published: ["primary"],
    isNeither: false,
  },
  {
    when: "the first server is silent, the other says elsewhere",
    answers: [silent, says("192.0.2.99")],
    published: ["192.0.2.99"],
    isNeither: true,
  },
  { when: "nobody answers", answers: [silent], published: [], isNeither: false },
])("when $when", async ({ answers, published, isNeither }) => {
  const { context, ports } = await watch(answers);
  expect(context.situation.publishedAddresses).toEqual(published);
  expect(context.situation.namePointsToNeitherSinceMs).toBe(isNeither ? ports.clock.nowMs : undefined);
});

test("the moment since when it points to neither stays, until it points to a server again", async () => {
  const { context, ports, held } = await watch([says("192.0.2.99")]);
  const sinceMs = ports.clock.nowMs;
  held.answers = [says("192.0.2.98")];
  await ports.clock.advance(60);
  expect(context.situation.namePointsToNeitherSinceMs).toBe(sinceMs);
  held.answers = [says("primary")];
  await ports.clock.advance(10);
  expect(context.situation.namePointsToNeitherSinceMs).toBeUndefined();
});

test("what was last published stays known while nobody answers", async () => {
  const { context, ports, held } = await watch([says("primary")]);
  held.answers = [silent];
  await ports.clock.advance(10);
  expect(context.situation.publishedAddresses).toEqual(["primary"]);
});

test("a look that hangs is given up, and the next one comes", async () => {
  const { context, ports } = await watch([says("primary")]);
  ports.nameServer.readAddresses = () => new Promise(() => undefined);
  await ports.clock.advance(10 + context.settings.dns.limitSeconds * 2);
  expect(context.situation.counters.get("loop_failures.name")).toBe(1);
  ports.nameServer.readAddresses = () => Promise.resolve([{ server: "ns1", addresses: ["secondary"] }]);
  await ports.clock.advance(10);
  expect(context.situation.publishedAddresses).toEqual(["secondary"]);
});
