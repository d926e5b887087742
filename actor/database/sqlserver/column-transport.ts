import type sql from "mssql";
import { AppError } from "../../../shared/core/app-error.js";
import type { ColumnDefinition } from "../../core/journal-schema.js";
import type { Cell } from "../../core/journal-wire.js";
import { driver } from "./driver.js";

/**
 * How values of one type travel without loss. The driver turns decimal and money into floating point numbers, and all
 * times into milliseconds without their offset; so these are text on the wire, converted by the server on both sides.
 */
export interface ColumnTransport {
  /** The value as the server is to send it. */
  readonly read: (expression: string) => string;
  /** Type of the staging column that takes it on the other side. */
  readonly stagedAs: string;
  /** The same for the driver's bulk load. */
  readonly bulkType: () => sql.ISqlType;
  /** From the staging column back to the type. */
  readonly restore: (expression: string) => string;
  /** A short text without `|` that differs when the value does: the value itself, or 64 bits of its SHA-1. */
  readonly digest: (expression: string) => string;
  /**
   * The same where HASHBYTES takes no more than 8,000 bytes (before SQL Server 2016): of a larger value its length and its
   * beginning. undefined where no value can be that large.
   */
  readonly digestOfBeginning: ((expression: string) => string) | undefined;
  /** What the driver's bulk load takes. Throws a RangeError for what is no value of the type. */
  readonly toBulk: (cell: string) => string | number | Buffer;
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const same = (expression: string): string => expression;
const asText = (cell: string): string => cell;

/** `undefined` for a type that cannot travel exactly. `baseType` is as the catalogue writes it: `decimal(18,4)`. */
export function transportOf(column: Pick<ColumnDefinition, "baseType">): ColumnTransport | undefined {
  const [, name = "", length = ""] = /^([a-z0-9_]+)(?:\(([^)]*)\))?$/.exec(column.baseType) ?? [];
  return (
    numberTransport(name, column.baseType) ??
    timeTransport(name, column.baseType) ??
    dataTransport(name, length, column.baseType)
  );
}

function numberTransport(name: string, type: string): ColumnTransport | undefined {
  const cast = as(type);
  switch (name) {
    case "bit":
    case "tinyint":
    case "smallint":
    case "int":
      return number({ stagedAs: "int", bulkType: driver().Int, toBulk: integer }, cast, as("varchar(20)"));
    case "bigint":
      return number({ stagedAs: "bigint", bulkType: driver().BigInt, toBulk: bigInteger }, cast, as("varchar(20)"));
    case "decimal":
    case "numeric":
      return text(60, as("varchar(60)"), cast);
    // The plain conversion of money keeps two of its four decimals.
    case "money":
      return money("decimal(19,4)", cast);
    case "smallmoney":
      return money("decimal(10,4)", cast);
    // Text would need 17 digits, which SQL Server writes from 2016 on only; the driver carries all 64 bits.
    case "float":
      return number({ stagedAs: "float", bulkType: driver().Float, toBulk: float }, cast, bitsOfFloat);
    case "real":
      return number({ stagedAs: "real", bulkType: driver().Real, toBulk: float }, cast, bitsOfFloat);
    default:
      return undefined;
  }
}

/** Styles 23, 120 and 121 are the ODBC and ISO forms, which read back whatever the session's language is. */
function timeTransport(name: string, type: string): ColumnTransport | undefined {
  const inStyle = (characters: number, style: number): ColumnTransport =>
    text(
      characters,
      (expression) => `CONVERT(varchar(${String(characters)}), ${expression}, ${String(style)})`,
      (expression) => `CONVERT(${type}, ${expression}, ${String(style)})`,
    );
  switch (name) {
    case "date":
      return inStyle(10, 23);
    case "smalldatetime":
      return inStyle(19, 120);
    case "datetime":
      return inStyle(23, 121);
    case "time":
    case "datetime2":
    case "datetimeoffset":
      return inStyle(34, 121);
    default:
      return undefined;
  }
}

function dataTransport(name: string, length: string, type: string): ColumnTransport | undefined {
  const cast = as(type);
  switch (name) {
    case "uniqueidentifier":
      return text(36, as("char(36)"), cast);
    case "char":
    case "varchar":
      return characters(length, as(`nvarchar(${unicodeLength(length)})`), cast);
    case "nchar":
    case "nvarchar":
      return characters(length, same, cast);
    case "text":
      return characters("max", (expression) => as("nvarchar(max)")(as("varchar(max)")(expression)), cast);
    case "ntext":
      return characters("max", as("nvarchar(max)"), cast);
    case "binary":
    case "varbinary":
      return bytes(length, same, cast);
    case "image":
    case "geography":
    case "geometry":
      return bytes("max", as("varbinary(max)"), cast);
    case "hierarchyid":
      return bytes("892", as("varbinary(892)"), cast);
    // Style 1 keeps white space between elements.
    case "xml":
      return characters("max", as("nvarchar(max)"), (expression) => `CONVERT(xml, ${expression}, 1)`);
    default:
      return undefined;
  }
}

function as(type: string): (expression: string) => string {
  return (expression) => `CAST(${expression} AS ${type})`;
}

/** The first 64 bits of a SHA-1, as a number in text: Babelfish can neither join bytes nor write them as text. */
export function shortHash(expression: string): string {
  return `CAST(CAST(CAST(HASHBYTES('SHA1', ${expression}) AS binary(8)) AS bigint) AS varchar(20))`;
}

function bitsOfFloat(expression: string): string {
  return `CAST(CAST(CAST(CAST(${expression} AS float) AS binary(8)) AS bigint) AS varchar(20))`;
}

function number(
  carried: Pick<ColumnTransport, "stagedAs" | "bulkType" | "toBulk">,
  restore: ColumnTransport["restore"],
  digest: ColumnTransport["digest"],
): ColumnTransport {
  return { ...carried, read: same, restore, digest, digestOfBeginning: undefined };
}

/** What stands for the key of a table that has none: 20 bytes. */
export const imageTransport = bytes("20", same, as("varbinary(20)"));

/** The staging column with the collation of its target: a conversion to varchar uses the code page of that. */
export function stagingColumn(part: { readonly collation: string; readonly transport: ColumnTransport }): string {
  const { stagedAs } = part.transport;
  return part.collation !== "" && stagedAs.startsWith("nvarchar") ? `${stagedAs} COLLATE ${part.collation}` : stagedAs;
}

function text(length: number, read: ColumnTransport["read"], restore: ColumnTransport["restore"]): ColumnTransport {
  const bulkType = (): sql.ISqlType => driver().NVarChar(length);
  const stagedAs = `nvarchar(${String(length)})`;
  return { read, stagedAs, bulkType, restore, digest: read, digestOfBeginning: undefined, toBulk: limited(length) };
}

function characters(
  length: string,
  read: ColumnTransport["read"],
  restore: ColumnTransport["restore"],
): ColumnTransport {
  const staged = unicodeLength(length);
  const bulkType = (): sql.ISqlType => driver().NVarChar(staged === "max" ? driver().MAX : Number(staged));
  const toBulk = staged === "max" ? asText : limited(Number(staged));
  const digest = (expression: string): string => shortHash(read(expression));
  const beginning = (expression: string): string =>
    `CAST(DATALENGTH(${read(expression)}) AS varchar(20)) + ':' + ${shortHash(`CAST(${read(expression)} AS nvarchar(4000))`)}`;
  const digestOfBeginning = staged === "max" ? beginning : undefined;
  return { read, stagedAs: `nvarchar(${staged})`, bulkType, restore, digest, digestOfBeginning, toBulk };
}

function bytes(length: string, read: ColumnTransport["read"], restore: ColumnTransport["restore"]): ColumnTransport {
  const bulkType = (): sql.ISqlType => driver().VarBinary(length === "max" ? driver().MAX : Number(length));
  const digest = (expression: string): string => shortHash(read(expression));
  const beginning = (expression: string): string =>
    `CAST(DATALENGTH(${read(expression)}) AS varchar(20)) + ':' + ${shortHash(`CAST(${read(expression)} AS varbinary(8000))`)}`;
  const digestOfBeginning = length === "max" ? beginning : undefined;
  return { read, stagedAs: `varbinary(${length})`, bulkType, restore, digest, digestOfBeginning, toBulk: fromHex };
}

function money(exact: string, cast: ColumnTransport["restore"]): ColumnTransport {
  const read = (expression: string): string => as("varchar(60)")(as(exact)(expression));
  return text(60, read, (expression) => cast(`CAST(${expression} AS ${exact})`));
}

function unicodeLength(length: string): string {
  return length === "max" || Number(length) > 4000 ? "max" : length;
}

// A bad value in a bulk load ends the process, not the request (tedious #1733): each is looked at before.

function integer(cell: string): number {
  const value = Number(cell);
  if (!Number.isInteger(value) || Math.abs(value) > 0x8000_0000) throw new RangeError("not an integer");
  return value;
}

function bigInteger(cell: string): string {
  if (!/^-?\d{1,19}$/.test(cell) || BigInt.asIntN(64, BigInt(cell)) !== BigInt(cell))
    throw new RangeError("not a bigint");
  return cell;
}

function float(cell: string): number {
  const value = Number(cell);
  if (cell === "" || !Number.isFinite(value)) throw new RangeError("not a number");
  return value;
}

function limited(length: number): (cell: string) => string {
  return (cell) => {
    if (cell.length > length) throw new RangeError(`longer than ${String(length)} characters`);
    return cell;
  };
}

function fromHex(cell: string): Buffer {
  const value = Buffer.from(cell, "hex");
  if (value.length * 2 !== cell.length) throw new RangeError("not hexadecimal");
  return value;
}

/** What the driver handed over, as a cell: numbers in the shortest text that reads back, bytes as hexadecimal. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") return String(value);
  if (Buffer.isBuffer(value)) return value.toString("hex");
  throw new TypeError(`a value came in a form that loses digits: ${Object.prototype.toString.call(value)}`);
}

/** Half a surrogate pair has no UTF-8, in which everything travels: better said than silently replaced. */
function wellFormed(text: string): string {
  if (!loneSurrogate.test(text)) return text;
  throw new AppError(
    "DATABASE_FAILED",
    "a text holds half of a surrogate pair (U+D800 to U+DFFF), which cannot be sent",
  );
}
