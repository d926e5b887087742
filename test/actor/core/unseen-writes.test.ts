import { expect, test } from "@jest/globals";
import { tablesWithUnseenWrites } from "../../../actor/core/unseen-writes.js";

test.each([
  { when: "both have as many", rows: 10, pending: 0, there: 10, isUnseen: false },
  { when: "a row more", rows: 11, pending: 0, there: 10, isUnseen: true },
  { when: "a row fewer", rows: 9, pending: 0, there: 10, isUnseen: true },
  { when: "a row more, which the journal explains", rows: 11, pending: 1, there: 10, isUnseen: false },
  { when: "as many fewer as the journal explains", rows: 3, pending: 7, there: 10, isUnseen: false },
  { when: "one more than it explains", rows: 18, pending: 7, there: 10, isUnseen: true },
  { when: "an emptied table", rows: 0, pending: 9, there: 10, isUnseen: true },
  { when: "a table that the target says nothing of", rows: 5, pending: 0, there: undefined, isUnseen: false },
])("$when", ({ rows, pending, there, isUnseen }) => {
  const target = there === undefined ? {} : { "dbo.t": there };
  const found = tablesWithUnseenWrites({ source: [{ table: "dbo.t", rows, pending }], target });
  expect(found).toEqual(isUnseen ? ["dbo.t"] : []);
});
