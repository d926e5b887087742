import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DivergenceFindings } from "../../../actor/database/divergence-findings.js";
import type { SideIo } from "../../../actor/database/side.js";
import { keyNames, type TableDefinition } from "../../../actor/core/journal-schema.js";
import { batchOfRows } from "../../../actor/core/journal-wire.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";

const signal = new AbortController().signal;
const keyed = { schema: "public", name: "orders", columns: [], keyColumns: ["id"] } as const satisfies TableDefinition;
const keyless = { ...keyed, name: "lines", keyColumns: [] } as const satisfies TableDefinition;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "findings-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

type Present = Readonly<Record<string, string | null>> | undefined;

/** The findings, and what they have written when they are finished. */
function openFindings(here: readonly Present[]) {
  const log = rememberLog();
  const engine = {
    describeKeys: (_table: TableDefinition, [column]: readonly (readonly unknown[])[]) =>
      Promise.resolve(column?.map((_, at) => ({ row: here[at], isJournalled: false }))),
  };
  const io = { engine, log, stateDirectory: directory, settings: testSettings("postgresql", 1, "shop") };
  const findings = new DivergenceFindings(io as unknown as SideIo, "h1");
  const written = async (): Promise<readonly unknown[]> => {
    await findings.finish();
    const name = io.settings.name;
    const text = await readFile(path.join(directory, "divergence", "database", name, "h1.found.jsonl"), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  };
  return { findings, written };
}

test("the values that a table without a key has lost stand there, and of its images none is said to have been applied", async () => {
  const { findings, written } = openFindings([undefined, { count: "1" }]);
  const images = { kind: "gone", table: "public.lines", columns: keyNames(keyless) } as const;
  await findings.add(batchOfRows(images, [["aa"], ["bb"]]), keyless, signal);
  await findings.add(batchOfRows({ kind: "rows", table: "public.lines", columns: ["v"] }, [["lost"]]), keyless, signal);
  const [image] = keyNames(keyless);
  expect(await written()).toEqual([
    { table: "public.lines", key: { [image ?? ""]: "aa" }, state: "touched", present: null, isChangedSince: false },
    {
      table: "public.lines",
      key: { [image ?? ""]: "bb" },
      state: "touched",
      present: { count: "1" },
      isChangedSince: false,
    },
    { table: "public.lines", state: "present", row: { v: "lost" } },
  ]);
});

test("a lost value is applied when the same row is here, and a lost deletion when there is none", async () => {
  const rows = { kind: "rows", table: "public.orders", columns: ["id", "v"] } as const;
  const gone = { kind: "gone", table: "public.orders", columns: ["id"] } as const;
  const { findings, written } = openFindings([{ id: "1", v: "a" }, undefined]);
  await findings.add(
    batchOfRows(rows, [
      ["1", "a"],
      ["2", "b"],
    ]),
    keyed,
    signal,
  );
  await findings.add(batchOfRows(gone, [["1"], ["2"]]), keyed, signal);
  expect((await written()).map((line) => (line as { wasApplied?: boolean }).wasApplied)).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
