import { expect } from "@jest/globals";
import { contentOf } from "../support/database-fixture.js";
import type { DatabasePair } from "../support/database-pair.js";

/**
 * Side `a`, the lost source, is a target again and nothing has flowed back: what it had is found without a change, and a
 * second look adds nothing. `expected`: for each row of the table t its id, what it is there, and whether it
 * changed here since.
 */
export async function expectEarlyFindings(pair: DatabasePair, expected: string): Promise<void> {
  const { signal } = new AbortController();
  const before = await contentOf(pair.apps.a, "t");
  await pair.parts.b.compareReturned?.(signal);
  const findings = await pair.findings("b");
  await pair.parts.b.compareReturned?.(signal);
  expect(await pair.findings("b")).toEqual(findings);
  const shown = findings.map(
    ({ key, state, isChangedSince }) => `${key?.["id"] ?? ""} ${state}${isChangedSince ? " changed since" : ""}`,
  );
  expect(shown.sort().join(", ")).toBe(expected);
  expect(await contentOf(pair.apps.a, "t")).toEqual(before);
}
