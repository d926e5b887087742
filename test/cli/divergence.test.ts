import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { DivergenceView } from "../../actor/core/divergence.js";
import { openAdminStub } from "../support/admin-stub.js";
import { someDivergence } from "../support/fake-actor.js";
import { runCommand } from "../support/run-cli.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
let answered: object = {};
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "divergence-"));
  stub = await openAdminStub(() => ({ body: answered }));
  await writeFile(path.join(directory, "ca.pem"), stub.certificate);
});
afterEach(async () => {
  await stub.close();
  await rm(directory, { recursive: true });
});

function run(command: string) {
  const target = ["--url", `https://127.0.0.1:${String(stub.port)}`, "--ca", path.join(directory, "ca.pem")];
  return runCommand([...command.split(" "), ...target], { env: { SPARESYNC_TOKEN: "the-token" } });
}

const replaced: DivergenceView = {
  ...someDivergence,
  kind: "folder",
  name: "uploads",
  form: "replaced",
  id: "",
  server: "primary",
  file: "/srv/uploads/.deleted",
  entries: 5,
  isAcknowledged: true,
  examples: [{ path: "a\nb", state: "overwritten", bytes: 3, modifiedAtMs: 1000, keptAt: ".deleted/a\nb" }],
};

test("each report says what it is about, beside what stands on the other server, and what to do", async () => {
  answered = { reports: [someDivergence, replaced], peerBecause: "" };
  const { stdout } = await run("divergence show --examples 1");
  expect(stub.seen[0]?.url).toBe("/v1/divergence?examples=1");
  expect(stdout)
    .toBe(`database shop: 1 rows of the primary that the secondary never got (1970-01-01 00:00:01 UTC, not acknowledged)
  public.orders id="7"  was: id="7"  here: not there
  all of it: /state/divergence/database/shop/h1.found.jsonl on the secondary

folder uploads: 5 files of the primary that were replaced and are kept in .deleted until this is acknowledged (1970-01-01 00:00:01 UTC, acknowledged)
  "a\\nb"  overwritten, 3 bytes, of 1970-01-01 00:00:01 UTC  kept at ".deleted/a\\nb"
  4 more; all of it: /srv/uploads/.deleted on the primary

Take over by hand what is needed, then say that you have looked: sparesync divergence acknowledge
`);
  expect((await run("divergence --json")).json).toEqual({ ok: true, ...answered });
});

test("of a table without a key the lost values are shown, and nothing that is lost is called the same", async () => {
  const examples: DivergenceView["examples"] = [
    { table: "public.logs", key: { row: "abc" }, state: "touched", present: null, isChangedSince: false },
    { table: "public.logs", key: { row: "def" }, state: "touched", present: { count: "2" }, isChangedSince: false },
    { table: "public.logs", state: "present", row: { line: "only there" } },
  ];
  answered = { reports: [{ ...someDivergence, entries: 3, examples }], peerBecause: "" };
  const { stdout } = await run("divergence show");
  expect(stdout).toContain(`
  public.logs row="abc"  was: touched, and what was still there follows  here: no such rows
  public.logs row="def"  was: touched, and what was still there follows  here: 2 such rows
  public.logs  was: line="only there"
`);
});

test("nothing that diverged is said so, also that only one server could be asked", async () => {
  answered = { reports: [], peerBecause: "the other server is not connected" };
  expect((await run("divergence")).stdout).toBe(
    "nothing has diverged, as far as is known\nOnly this server's part: the other server is not connected.\n",
  );
});

test("an acknowledgement says what it has let go", async () => {
  answered = { reports: 2, files: 7 };
  expect((await run("divergence acknowledge")).stdout).toContain("acknowledged: 2 reports, which stay; 7 files");
  expect(stub.seen[0]).toMatchObject({ method: "POST", url: "/v1/divergence/acknowledge" });
  answered = { reports: 0, files: 0 };
  expect((await run("divergence acknowledge")).stdout).toBe("nothing waited for that\n");
});

test("a number of examples that is none is refused before anybody is asked", async () => {
  const { exitCode, stderr } = await run("divergence show --examples 999");
  expect([exitCode, stub.seen.length]).toEqual([2, 0]);
  expect(stderr).toContain("--examples 999: expected a number from 0 to 200");
});

test("of a row that the spare has received and its database refused it is told why", async () => {
  const because = 'new row for relation "orders" violates check constraint "only_here"';
  const examples = [{ table: "public.orders", key: { id: "7" }, state: "present" as const, row: { id: "7" }, because }];
  answered = { reports: [{ ...someDivergence, examples }], peerBecause: "" };
  const { stdout } = await run("divergence show");
  expect(stdout).toContain(`  public.orders id="7"  was: id="7"  refused: ${because}\n`);
});
