import { describe, expect, test } from "@jest/globals";
import { databaseErrors, isSetAside, judgeError } from "../../../actor/core/database-errors.js";
import { errorCatalogue } from "../../../shared/core/error-catalogue.js";

const patient = { connectionErrorsAreFatal: false };

describe("judgeError", () => {
  test.each([
    ["DATABASE_UNREACHABLE", "warning", false],
    ["DATABASE_BUSY", "warning", false],
    ["PEER_UNREACHABLE", "warning", false],
    ["DEADLINE_EXCEEDED", "warning", false],
    ["LINK_REFUSED", "warning", false],
    ["ABORTED", "warning", false],
    ["OPERATION_REFUSED", "warning", false],
    ["EPOCH_TOO_OLD", "warning", false],
    ["DATABASE_FAILED", "fatal", true],
    ["DATABASE_VALUE_REFUSED", "fatal", false],
    ["DATABASE_REFUSED", "fatal", false],
    ["REQUEST_TOO_LARGE", "fatal", false],
    ["DATABASE_SCHEMA_CHANGED", "fatal", false],
    ["DATABASE_UNSUPPORTED", "fatal", false],
    ["REINITIALISATION_REQUIRED", "fatal", false],
  ])("%s is a %s, mended by a copy: %s", (code, health, isMendedByCopy) => {
    expect(judgeError(code, patient)).toMatchObject({ health, isMendedByCopy });
    expect(Object.keys(errorCatalogue)).toContain(code);
  });

  test("the table above is the whole table", () => {
    expect(Object.keys(databaseErrors).length).toBe(15);
  });

  test("only a connection that is lost becomes fatal by the setting", () => {
    const strict = { connectionErrorsAreFatal: true };
    expect(judgeError("DATABASE_UNREACHABLE", strict).health).toBe("fatal");
    expect(judgeError("DATABASE_BUSY", strict).health).toBe("warning");
  });

  test.each([undefined, "UNEXPECTED", "toString"])("what nobody foresaw (%s) is fatal", (code) => {
    expect(judgeError(code, patient)).toMatchObject({ health: "fatal", isMendedByCopy: false });
  });
});

describe("isSetAside", () => {
  test.each([
    ["DATABASE_VALUE_REFUSED", 1, true],
    ["DATABASE_FAILED", 1, true],
    ["DATABASE_REFUSED", 1, true],
    ["DATABASE_UNSUPPORTED", 1, true],
    // The holder of the lock is ended at the fifth try.
    ["DATABASE_BUSY", 5, false],
    ["DATABASE_BUSY", 6, true],
    ["DATABASE_UNREACHABLE", 100, false],
    ["ABORTED", 100, false],
    [undefined, 100, false],
  ])("a point that failed with %s for the %s. time: %s", (code, tries, expected) => {
    expect(isSetAside(code, tries)).toBe(expected);
  });
});
