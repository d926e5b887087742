import { describe, expect, test } from "@jest/globals";
import { databaseError, isOfKind } from "../../../../actor/database/sqlserver/errors.js";
import { AppError } from "../../../../shared/core/app-error.js";

function reported(number: number, message = "it failed", before: readonly object[] = []): Error {
  return Object.assign(new Error(message), { code: "EREQUEST", number, precedingErrors: before });
}

describe("errors of SQL Server", () => {
  test.each([
    [1205, "DATABASE_BUSY"],
    [1222, "DATABASE_BUSY"],
    [3960, "DATABASE_BUSY"],
    [3961, "DATABASE_BUSY"],
    [8645, "DATABASE_BUSY"],
    [4060, "DATABASE_UNREACHABLE"],
    [596, "DATABASE_UNREACHABLE"],
    [6005, "DATABASE_UNREACHABLE"],
    [2627, "DATABASE_FAILED"],
    [547, "DATABASE_FAILED"],
    [515, "DATABASE_VALUE_REFUSED"],
    [8152, "DATABASE_VALUE_REFUSED"],
    [9002, "DATABASE_REFUSED"],
    [18456, "DATABASE_REFUSED"],
    [229, "DATABASE_REFUSED"],
  ])("%i is %s", (number, code) => {
    expect(databaseError("shop", "apply", reported(number))).toMatchObject({ code });
  });

  test.each(["ESOCKET", "ETIMEOUT", "ECONNCLOSED", "ECONNREFUSED", "ENOTFOUND", "ECLOSE"])(
    "%s of the driver is a lost connection",
    (code) => {
      const error = Object.assign(new Error("gone"), { code });
      expect(databaseError("shop", "apply", error)).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    },
  );

  test("an error that explains may come before the one that is thrown", () => {
    const error = reported(3609, "The transaction ended in the trigger.", [reported(1205, "deadlock victim")]);
    const mapped = databaseError("shop", "apply", error);
    expect(mapped).toMatchObject({ code: "DATABASE_BUSY" });
    expect(mapped.message).toContain("deadlock victim");
  });

  test("no value of a row gets into a message", () => {
    const message = "Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (secret, 1).";
    const mapped = databaseError("shop", "apply", reported(2627, message));
    expect(mapped.message).toContain("dbo.t");
    expect(mapped.message).not.toContain("secret");
    const converting = reported(245, "Conversion failed when converting the varchar value 'secret' to data type int.");
    expect(databaseError("shop", "apply", converting).message).not.toContain("secret");
  });

  test("a missing right says which role is needed", () => {
    expect(databaseError("shop", "install", reported(262))).toMatchObject({
      hint: expect.stringContaining("db_owner"),
    });
  });

  test("an expected failure stays as it is, and a bug stays a bug", () => {
    const expected = new AppError("OPERATION_REFUSED", "no");
    expect(databaseError("shop", "apply", expected)).toBe(expected);
    const bug = new TypeError("undefined is not a function");
    expect(databaseError("shop", "apply", bug)).toBe(bug);
  });

  test("tells conflicts apart by number", () => {
    expect([2601, 2627, 547].map((number) => isOfKind(reported(number), "conflict"))).toEqual([true, true, false]);
  });
});
