import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { decodeCopyText, encodeCopyText } from "../../../actor/core/copy-text.js";
import { quoteIdentifier } from "../../../actor/database/postgresql/quote-identifier.js";
import { SqlFiles } from "../../../actor/database/postgresql/sql-files.js";
import { literal, textOf } from "../../../actor/database/postgresql/table-sql.js";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Spool } from "../../../actor/database/spool.js";

const root = new URL("../../../../sql/postgresql/", import.meta.url);
const code = new URL("../../../../actor/database/postgresql/", import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sql"));

describe("the files under sql", () => {
  test.each(files)("%s begins with its purpose, parameters and result", (name) => {
    const [purpose, params, returns] = readFileSync(new URL(name, root), "utf8").split("\n");
    expect(purpose).toMatch(/^-- purpose: ./);
    expect(params).toMatch(/^-- params: ./);
    expect(returns).toMatch(/^-- returns: ./);
  });

  test("each is used, and each that is used is there", () => {
    const text = readdirSync(code)
      .map((name) => readFileSync(new URL(name, code), "utf8"))
      .join("\n");
    const used = new Set(
      [...text.matchAll(/"((?:install|query|apply|gate|promote|remove)\/[a-z-]+)"/g)].map((match) => match[1]),
    );
    expect([...used].sort()).toEqual(files.map((name) => name.replace(/\.sql$/, "")).sort());
  });

  test("a template takes all its parts and no other", () => {
    const sql = new SqlFiles();
    expect(sql.text("gate/close", { table: '"a"."b"', trigger: "g" })).toBe('ALTER TABLE "a"."b" ENABLE TRIGGER g');
    expect(() => sql.text("gate/close")).toThrow(TypeError);
    expect(() => sql.text("gate/close", { table: "t", trigger: "g", other: "x" })).toThrow(TypeError);
  });
});

describe("quoteIdentifier", () => {
  test.each([
    ["plain", '"plain"'],
    ['a"b', '"a""b"'],
    ['"; DROP TABLE t; --', '"""; DROP TABLE t; --"'],
    ["Ünï", '"Ünï"'],
  ])("%s becomes %s", (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
  });

  test.each(["", "a\0b", "x".repeat(64), "ü".repeat(32)])("refuses what cannot be a name (%#)", (name) => {
    expect(() => quoteIdentifier(name)).toThrow(expect.objectContaining({ code: "DATABASE_UNSUPPORTED" }));
  });

  test("a literal takes only identifiers of our own", () => {
    expect(literal("ab-12")).toBe("'ab-12'");
    expect(() => literal("a'b")).toThrow(TypeError);
  });
});

test.each([
  ["character(5)", "textin(bpcharout(x))"],
  ["bpchar", "textin(bpcharout(x))"],
  ["character varying(5)", "x::text"],
  ["integer", "x::text"],
])("the text of a %s is %s", (baseType, text) => {
  expect(textOf("x", baseType)).toBe(text);
});

test.each([null, "", "\\N", "a\tb", "a\nb\r", "\\", "\\t", "\u2028", "😀"])("COPY text of %j reads back", (cell) => {
  const text = encodeCopyText(cell);
  expect(text).not.toMatch(/[\t\n\r]/);
  expect(decodeCopyText(text)).toBe(cell);
});

test("a spool gives back what was put in, in memory and from its file, as often as asked", async () => {
  const file = join(tmpdir(), `sparesync-spool-${String(process.pid)}`, "spool");
  const spool = new Spool(file);
  const frames = Array.from({ length: 7 }, (_, at) => Buffer.alloc(900_000 + at, at));
  for (const frame of frames) await spool.append(frame);
  for (let round = 0; round < 2; round += 1) {
    const read: Buffer[] = [];
    for await (const frame of spool.frames()) read.push(frame);
    expect(read.map((frame) => [frame.length, frame[0]])).toEqual(frames.map((frame) => [frame.length, frame[0]]));
  }
  expect((await spool.frame(6))?.equals(frames[6]!)).toBe(true);
  await spool.clear();
  expect([spool.count, spool.bytes, await spool.frame(0)]).toEqual([0, 0, undefined]);
  await rm(join(file, ".."), { recursive: true, force: true });
});
