import { expect, test } from "@jest/globals";
import { expressionWords } from "../../../actor/core/expression-words.js";

// What PostgreSQL 15 wrote, and what it wrote after it had read that.
test.each([
  [
    "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
    "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
  ],
  [
    "((s)::text <> ALL ((ARRAY['a, b'::character varying, 'it''s]'::character varying])::text[]))",
    "((s)::text <> ALL (ARRAY[('a, b'::character varying)::text, ('it''s]'::character varying)::text]))",
  ],
])("a list that was dumped and read again is the same one: %s", (before, after) => {
  expect(before).not.toBe(after);
  expect(expressionWords(before)).toBe(expressionWords(after));
});

test.each(["CHECK ((u > 0))", "ARRAY[1, 2]", "((s)::text = 'a'::text)", "DEFAULT nextval('public.s'::regclass)"])(
  "%s stays as it is",
  (says) => {
    expect(expressionWords(says)).toBe(says);
  },
);
