import { noConstraints } from "../../../actor/core/table-constraints.js";
import { expect, test } from "@jest/globals";
import type { JournalState } from "../../../actor/core/journal-position.js";
import { tableLabel, type TableDefinition } from "../../../actor/core/journal-schema.js";
import { Applier } from "../../../actor/database/applier.js";
import type { DatabaseEngine } from "../../../actor/database/engine.js";
import { JournalReader } from "../../../actor/database/journal-reader.js";
import type { SideIo } from "../../../actor/database/side.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";
import { MemoryLink } from "../../support/memory-link.js";

const signal = new AbortController().signal;

function tableOf(n: number, columns: number): TableDefinition {
  const names = Array.from({ length: columns }, (_, at) => `SomeColumnOfTheTable${String(at)}`);
  return {
    schema: "dbo",
    name: `SomeTableOfTheApplication${String(n)}`,
    columns: names.map((name) => ({
      name,
      type: "nvarchar(200)",
      baseType: "nvarchar(200)",
      collation: "SQL_Latin1_General_CP1_CI_AS",
      isNotNull: true,
      identity: "",
      isGenerated: false,
    })),
    keyColumns: [names[0]!],
  };
}

/** A source that asks a target where it is, over a link with the real one's limits. */
function openPair(source: readonly TableDefinition[], target: readonly TableDefinition[]): JournalReader {
  const state = {
    history: "h-1",
    parent: { history: "", point: 0, attempt: "" },
    epoch: 1,
    shippedPoint: 0,
    isCopyRequested: false,
    chunksRead: 0,
    newestChunk: 0,
  } as JournalState;
  const ioOf = (tables: readonly TableDefinition[], link: MemoryLink): SideIo => {
    const marks = Object.fromEntries(tables.map((table) => [tableLabel(table), "0123456789abcdef-0123456789abcdef"]));
    const engine = {
      readState: () => Promise.resolve(state),
      readMarks: () => Promise.resolve({ own: marks, copied: marks, held: Object.keys(marks) }),
      noteHeld: () => Promise.resolve(),
    } as Partial<DatabaseEngine> as DatabaseEngine;
    const settings = testSettings("sqlserver", 1433, "shop");
    const clock = new ManualClock();
    return {
      settings,
      engine,
      link,
      clock,
      random: { id: () => "r" },
      log: rememberLog(),
      stateDirectory: "/none",
    };
  };
  const link = new MemoryLink();
  const prepared = { epoch: 1, fingerprint: "", sequences: [], constraints: noConstraints };
  const view = { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 };
  const applier = new Applier(ioOf(target, new MemoryLink()), { ...prepared, tables: target }, view, signal);
  link.handlers = { "database/position": (message) => applier.answer("position", message) };
  return new JournalReader(
    ioOf(source, link),
    { ...prepared, tables: source },
    { copy: undefined, missingSequences: [], oneSided: [] },
  );
}

const tables = Array.from({ length: 1_000 }, (_, n) => tableOf(n, 20));

test("the target of a schema of a thousand tables says where it is", async () => {
  await expect(openPair(tables, tables).askPosition(signal)).resolves.toBeUndefined();
});

test("a column that only one side has is named, whatever the number of tables", async () => {
  const other = [...tables.slice(0, -1), tableOf(999, 19)];
  await expect(openPair(tables, other).askPosition(signal)).rejects.toThrow(
    /dbo\.SomeTableOfTheApplication999: the source has "SomeColumnOfTheTable19 /,
  );
});
