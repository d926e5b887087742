import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { askAdmin, startAdmin, type AdminBench } from "../../support/admin-bench.js";

let bench: AdminBench;
beforeEach(async () => {
  bench = await startAdmin();
});
afterEach(() => bench.server.stop());

const ask = (query: string) => askAdmin(bench.port, { path: `/v1/history${query}`, token: "v" });

test("the history is asked for as the query says", async () => {
  bench.actor.happened = [
    { sequence: 1, atMs: 5, server: "primary", name: "TurnedOff", who: "olga", why: "", result: "", subject: "" },
  ];
  expect((await ask("")).body).toEqual({ events: bench.actor.happened, unreadableLines: 0 });
  await ask("?since=2026-01-31T10:00:00%2B01:00&kind=operator,TurnedOn&limit=7");
  expect(bench.actor.asked).toEqual([
    { sinceMs: 0, kinds: [], limit: 100 },
    { sinceMs: Date.UTC(2026, 0, 31, 9), kinds: ["operator", "TurnedOn"], limit: 7 },
  ]);
});

test.each([
  { when: "the time is none", query: "?since=yesterday", named: "since" },
  { when: "the kind is not known", query: "?kind=operator,nonsense", named: "kind" },
  { when: "the limit is too high", query: "?limit=1001", named: "limit" },
  { when: "a name is not known", query: "?sinse=1", named: "sinse" },
])("a question is refused when $when, and the answer names it", async ({ query, named }) => {
  const { status, body } = await ask(query);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(named);
  expect(bench.actor.asked).toEqual([]);
});
