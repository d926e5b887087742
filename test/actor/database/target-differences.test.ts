import { expect, test } from "@jest/globals";
import { noConstraints, type TableConstraints } from "../../../actor/core/table-constraints.js";
import { judgeError } from "../../../actor/core/database-errors.js";
import { refusalCode } from "../../../actor/database/refusal-code.js";
import { TargetDifferences, type TargetReports } from "../../../actor/database/target-differences.js";
import { AppError } from "../../../shared/core/app-error.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";

const ofTarget: TableConstraints = {
  release: "sqlserver 16",
  tables: { "dbo.t": [{ kind: "unique", name: "one_u", says: "UNIQUE (u)" }] },
};
const prepared = { epoch: 1, fingerprint: "", tables: [], sequences: [] };

function differencesTo(constraints: TableConstraints): { reports: TargetReports; differences: TargetDifferences } {
  const reports: TargetReports = { copy: undefined, missingSequences: [], oneSided: [] };
  const io = { settings: testSettings("sqlserver", 1, "shop"), log: rememberLog() };
  const own = { release: "sqlserver 16", tables: { "dbo.t": [] } };
  const differences = new TargetDifferences(io, { ...prepared, constraints: own }, reports);
  differences.note([], constraints);
  return { reports, differences };
}

const refusedBy = (message: string, code: "DATABASE_FAILED" | "DATABASE_BUSY" = "DATABASE_FAILED"): AppError =>
  new AppError("PEER_REFUSED", message, { cause: new AppError(code, message) });
const duplicate = refusedBy("Cannot insert duplicate key row in object 'dbo.t' with unique index 'one_u'.");

test("a row that is refused by what the target alone has is not mended by a copy, and the rule is named", () => {
  const explained = differencesTo(ofTarget).differences.explain(duplicate);
  expect(explained).toMatchObject({
    code: "PEER_REFUSED",
    message: expect.stringMatching(/'one_u'.*target alone has "UNIQUE \(u\)" \(one_u\).*copy would not help/),
  });
  const limits = { connectionErrorsAreFatal: false };
  expect(judgeError(refusalCode(explained), limits)).toMatchObject({ health: "fatal", isMendedByCopy: false });
});

test.each([
  { when: "both sides have the rule", error: duplicate, target: noConstraints },
  { when: "a longer name is meant", error: refusedBy("object 'dbo.t' with unique index 'one_u2'"), target: ofTarget },
  { when: "another table is meant", error: refusedBy("object 'dbo.x' with unique index 'one_u'"), target: ofTarget },
  { when: "somebody is in the way", error: refusedBy("'dbo.t' 'one_u'", "DATABASE_BUSY"), target: ofTarget },
])("a failure stays what it is where $when", ({ error, target }) => {
  expect(differencesTo(target).differences.explain(error)).toBe(error);
});

test("what was found is gone when the target has it no more, or says nothing of it", () => {
  const { reports, differences } = differencesTo(ofTarget);
  expect(reports.oneSided).toHaveLength(1);
  differences.note([], undefined);
  expect(reports.oneSided).toEqual([]);
});
