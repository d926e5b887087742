import { describe, expect, test } from "@jest/globals";
import { cellOf, stagingColumn, transportOf } from "../../../../actor/database/sqlserver/column-transport.js";

describe("how values travel", () => {
  test.each([
    ["int", "x", "int", "CAST(x AS int)"],
    ["bit", "x", "int", "CAST(x AS bit)"],
    ["bigint", "x", "bigint", "CAST(x AS bigint)"],
    ["decimal(38,10)", "CAST(x AS varchar(60))", "nvarchar(60)", "CAST(x AS decimal(38,10))"],
    [
      "money",
      "CAST(CAST(x AS decimal(19,4)) AS varchar(60))",
      "nvarchar(60)",
      "CAST(CAST(x AS decimal(19,4)) AS money)",
    ],
    ["float", "x", "float", "CAST(x AS float)"],
    ["date", "CONVERT(varchar(10), x, 23)", "nvarchar(10)", "CONVERT(date, x, 23)"],
    ["datetime", "CONVERT(varchar(23), x, 121)", "nvarchar(23)", "CONVERT(datetime, x, 121)"],
    ["datetime2(7)", "CONVERT(varchar(34), x, 121)", "nvarchar(34)", "CONVERT(datetime2(7), x, 121)"],
    ["datetimeoffset(3)", "CONVERT(varchar(34), x, 121)", "nvarchar(34)", "CONVERT(datetimeoffset(3), x, 121)"],
    ["time(0)", "CONVERT(varchar(34), x, 121)", "nvarchar(34)", "CONVERT(time(0), x, 121)"],
    ["varchar(20)", "CAST(x AS nvarchar(20))", "nvarchar(20)", "CAST(x AS varchar(20))"],
    ["varchar(8000)", "CAST(x AS nvarchar(max))", "nvarchar(max)", "CAST(x AS varchar(8000))"],
    ["nvarchar(max)", "x", "nvarchar(max)", "CAST(x AS nvarchar(max))"],
    ["text", "CAST(CAST(x AS varchar(max)) AS nvarchar(max))", "nvarchar(max)", "CAST(x AS text)"],
    ["xml", "CAST(x AS nvarchar(max))", "nvarchar(max)", "CONVERT(xml, x, 1)"],
    ["varbinary(20)", "x", "varbinary(20)", "CAST(x AS varbinary(20))"],
    ["image", "CAST(x AS varbinary(max))", "varbinary(max)", "CAST(x AS image)"],
    ["hierarchyid", "CAST(x AS varbinary(892))", "varbinary(892)", "CAST(x AS hierarchyid)"],
    ["uniqueidentifier", "CAST(x AS char(36))", "nvarchar(36)", "CAST(x AS uniqueidentifier)"],
  ])("a %s", (baseType, read, stagedAs, restored) => {
    const transport = transportOf({ baseType });
    expect([transport?.read("x"), transport?.stagedAs, transport?.restore("x")]).toEqual([read, stagedAs, restored]);
  });

  test.each(["sql_variant", "clr dbo.Point", "json", "vector(3)", "unknown"])("a %s cannot travel", (baseType) => {
    expect(transportOf({ baseType })).toBeUndefined();
  });

  test("a text is staged in the collation of its column, whose code page it is converted to", () => {
    const transport = transportOf({ baseType: "varchar(5)" })!;
    expect(stagingColumn({ collation: "Greek_CI_AS", transport })).toBe("nvarchar(5) COLLATE Greek_CI_AS");
    expect(stagingColumn({ collation: "", transport: transportOf({ baseType: "int" })! })).toBe("int");
  });

  test.each([
    ["int", "1.5"],
    ["int", "99999999999"],
    ["int", "x"],
    ["bigint", "9223372036854775808"],
    ["bigint", "1e3"],
    ["float", ""],
    ["float", "Infinity"],
    ["nvarchar(3)", "four"],
    ["varbinary(4)", "abc"],
    ["varbinary(4)", "zz"],
    ["decimal(38,0)", "1".repeat(61)],
  ])("refuses for a %s the value %j, which would end the driver's bulk load", (baseType, cell) => {
    expect(() => transportOf({ baseType })?.toBulk(cell)).toThrow(RangeError);
  });

  test.each([
    ["int", "-2147483648", -2147483648],
    ["bigint", "-9223372036854775808", "-9223372036854775808"],
    ["float", "1.7976931348623157e+308", Number.MAX_VALUE],
    ["float", "-0", -0],
    ["nvarchar(3)", "ä😀", "ä😀"],
    ["varbinary(4)", "00ff", Buffer.from([0, 255])],
  ])("hands a %s over as the driver takes it", (baseType, cell, value) => {
    expect(transportOf({ baseType })?.toBulk(cell)).toEqual(value);
  });

  test.each([
    [null, null],
    ["a\u2028", "a\u2028"],
    [0.1, "0.1"],
    [-0, "-0"],
    [true, "1"],
    [5n, "5"],
    [Buffer.from([0, 255]), "00ff"],
  ])("reads %p as %j", (value, cell) => {
    expect(cellOf(value)).toBe(cell);
  });

  test("refuses what has lost digits already, and half of a surrogate pair", () => {
    expect(() => cellOf(new Date())).toThrow(TypeError);
    expect(() => cellOf("a\ud83d")).toThrow(expect.objectContaining({ code: "DATABASE_FAILED" }));
    expect(() => cellOf("\ude00b")).toThrow(expect.objectContaining({ code: "DATABASE_FAILED" }));
  });
});
