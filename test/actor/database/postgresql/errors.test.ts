import { describe, expect, test } from "@jest/globals";
import { databaseError, isConflict } from "../../../../actor/database/postgresql/errors.js";
import { AppError } from "../../../../shared/core/app-error.js";

describe("errors of PostgreSQL", () => {
  test.each([
    ["40P01", "deadlock", "DATABASE_BUSY"],
    ["40001", "serialisation failure", "DATABASE_BUSY"],
    ["55P03", "lock not granted in time", "DATABASE_BUSY"],
    ["57014", "cancelled, or too slow", "DATABASE_BUSY"],
    ["53200", "out of memory", "DATABASE_BUSY"],
    ["57P01", "the server shuts down", "DATABASE_UNREACHABLE"],
    ["57P03", "it starts", "DATABASE_UNREACHABLE"],
    ["53300", "too many connections", "DATABASE_UNREACHABLE"],
    ["08006", "connection failure", "DATABASE_UNREACHABLE"],
    ["ECONNREFUSED", "nobody listens", "DATABASE_UNREACHABLE"],
    ["ETIMEDOUT", "nobody answers", "DATABASE_UNREACHABLE"],
    ["28P01", "wrong password", "DATABASE_REFUSED"],
    ["42501", "a right is missing", "DATABASE_REFUSED"],
    ["53100", "the disk is full", "DATABASE_REFUSED"],
    ["25006", "read-only", "DATABASE_REFUSED"],
    ["23503", "a foreign key", "DATABASE_FAILED"],
    ["23505", "a unique value", "DATABASE_FAILED"],
    ["23P01", "an exclusion", "DATABASE_FAILED"],
    ["23502", "NOT NULL", "DATABASE_VALUE_REFUSED"],
    ["23514", "CHECK", "DATABASE_VALUE_REFUSED"],
    ["22P02", "a value", "DATABASE_VALUE_REFUSED"],
    ["22001", "a text that is too long", "DATABASE_VALUE_REFUSED"],
    ["42703", "no such column", "DATABASE_FAILED"],
  ])("%s (%s) is %s", (code, _, expected) => {
    const mapped = databaseError("shop", "apply", Object.assign(new Error("it failed"), { code }));
    expect(mapped).toMatchObject({
      code: expected,
      message: expect.stringContaining("database shop: apply: it failed"),
    });
  });

  test.each([
    { code: "XX000", message: "tuple concurrently updated" },
    { code: "23505", message: "duplicate key value", schema: "pg_catalog", table: "pg_proc" },
  ])("$message of a catalogue, changed by two at once, is tried again", ({ message, ...fields }) => {
    const error = Object.assign(new Error(message), fields);
    expect(databaseError("shop", "install", error)).toMatchObject({ code: "DATABASE_BUSY" });
    expect(
      databaseError("shop", "install", Object.assign(new Error("cache lookup failed"), { code: "XX000" })),
    ).toMatchObject({
      code: "DATABASE_FAILED",
    });
  });

  test.each(["Connection terminated unexpectedly", "timeout expired", "Query read timeout"])(
    "%s, which the driver says without a code, is a lost connection",
    (message) => {
      expect(databaseError("shop", "apply", new Error(message))).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    },
  );

  test.each([
    { code: "22P02", message: 'invalid input value for enum mood: "IBAN "DE89" 3704"', says: 'for enum mood: "…"' },
    {
      code: "22003",
      message: 'value "99999999999" is out of range for type integer',
      says: 'value "…" is out of range',
    },
    { code: "22021", message: 'invalid byte sequence for encoding "UTF8": 0xe9 0x44 0x45', says: "0x…" },
    {
      code: "P0001",
      message: "no account 3704 44 DE89",
      where: 'PL/pgSQL function shop.check_account(integer) line 3 at RAISE\nSQL statement "INSERT 3704"',
      says: "the function shop.check_account(integer) has raised",
    },
    { code: "P0001", message: "no account 3704 DE89 44", says: "the function of the application has raised" },
    {
      code: "22P02",
      message: "ungültige Eingabesyntax für Typ integer: »DE89 3704«",
      says: 'Typ integer: "…"',
    },
    { code: "22P02", message: "syntaxe en entrée invalide : « 3704 »", says: 'invalide : "…"' },
    { code: "22P02", message: "ungültig: „DE89“", says: 'ungültig: "…"' },
    {
      code: "22023",
      message: "no account 3704",
      where: "PL/pgSQL function shop.check_account(integer) line 3 at RAISE",
      says: "the function shop.check_account(integer) has raised",
    },
  ])("$code: what is said holds no value of a row ($message)", ({ message, says, ...fields }) => {
    const mapped = databaseError("shop", "apply", Object.assign(new Error(message), fields));
    expect(mapped).toMatchObject({ code: "DATABASE_VALUE_REFUSED", message: expect.stringContaining(says) as unknown });
    expect(mapped.message).not.toMatch(/DE89|3704|99999|0x44/);
  });

  test.each([
    { code: "42601", message: 'syntax error in tsvector: "DE89 3704"', says: 'in tsvector: "…"' },
    { code: "42601", message: 'syntax error in hstore, near "3704" at position 2', says: 'near "…" at position 2' },
    { code: "P0004", message: "no account 3704", says: "the function of the application has raised" },
    {
      code: "23505",
      message: "there is an account DE89",
      where: "PL/pgSQL function shop.check_account(integer) line 3 at RAISE",
      says: "the function shop.check_account(integer) has raised",
    },
    { code: "42703", message: 'column "x" does not exist', says: 'column "x" does not exist' },
  ])("$code: neither does what another class says ($message)", ({ message, says, ...fields }) => {
    const mapped = databaseError("shop", "apply", Object.assign(new Error(message), fields));
    expect(mapped.message).toContain(says);
    expect(mapped.message).not.toMatch(/DE89|3704/);
  });

  test("what has no code is a bug and stays one; an expected failure stays as it is", () => {
    const bug = new TypeError("undefined is not a function");
    expect(databaseError("shop", "apply", bug)).toBe(bug);
    const expected = new AppError("OPERATION_REFUSED", "no");
    expect(databaseError("shop", "apply", expected)).toBe(expected);
  });

  test("the table is named, and a unique value in the way is known", () => {
    const error = Object.assign(new Error("duplicate key"), { code: "23505", schema: "public", table: "t" });
    expect(databaseError("shop", "apply", error).message).toContain("(table public.t)");
    expect(isConflict(error)).toBe(true);
  });
});
