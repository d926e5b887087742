import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SettingsError, type SettingsProblem } from "../../shared/core/settings/settings-problem.js";
import { readSecretFile } from "../../shared/secret-file.js";
import { parseSettings, readSettings } from "../../shared/settings-file.js";
import { hashPairSettings } from "../../shared/settings-hash.js";
import { smallestSettings } from "../support/settings-example.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "settings-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

function problemsOf(text: string): readonly SettingsProblem[] {
  try {
    parseSettings(text, "/etc/sparesync/sparesync.yml");
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

/** The line (from 1) of the first line of the text that holds `part`. */
function lineOf(text: string, part: string): number {
  return text.split("\n").findIndex((line) => line.includes(part)) + 1;
}

describe("a valid file", () => {
  test("is read with defaults, and relative paths start at its folder", async () => {
    const file = path.join(directory, "sparesync.yml");
    await writeFile(file, `${smallestSettings}folders:\n  - { name: uploads, path: ../uploads }\n`);
    const loaded = await readSettings(path.relative(process.cwd(), file));
    expect(loaded.file).toBe(file);
    expect(loaded.directory).toBe(directory);
    expect(loaded.settings.link.heartbeatSeconds).toBe(5);
    expect(loaded.settings.link.pairKeyFile).toBe(path.join(directory, "pair-key"));
    expect(loaded.settings.stateDirectory).toBe(path.join(directory, "state"));
    expect(loaded.settings.dns.tsig.secretFile).toBe(path.join(directory, "tsig-secret"));
    expect(loaded.settings.folders[0]?.path).toBe(path.join(path.dirname(directory), "uploads"));
    expect(hashPairSettings(loaded.settings)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("has the same hash on both servers, whatever is each server's own", () => {
    const secondary = smallestSettings
      .replace("server: primary", "server: secondary")
      .replaceAll("host: 192.0.2.1, port: 740", "host: 192.0.2.9, port: 740");
    const hash = hashPairSettings(parseSettings(smallestSettings, "/a/sparesync.yml"));
    expect(hashPairSettings(parseSettings(secondary, "/b/sparesync.yml"))).toBe(hash);
    const other = smallestSettings.replace("zone:", "ttlSeconds: 61\n  zone:");
    expect(hashPairSettings(parseSettings(other, "/a/sparesync.yml"))).not.toBe(hash);
  });
});

describe("each problem names file, line, key, value and what to do", () => {
  test.each<[string, string, string, Partial<Record<keyof SettingsProblem, unknown>>]>([
    [
      "a value is too small",
      "peer: {",
      "heartbeatSeconds: 0.1\n  peer: {",
      {
        key: "link.heartbeatSeconds",
        value: "0.1",
        message: "is too small or short (at least 0.2)",
        hint: expect.stringMatching(/^expected number from 0.2 to 60 \(when left out: 5\)\. How often/),
      },
    ],
    [
      "a value has the wrong type",
      "port: 7403",
      "port: admin",
      {
        key: "exporter.listen.port",
        value: '"admin"',
        message: "is not a number",
      },
    ],
    [
      "a value is none of those allowed",
      "server: primary",
      "server: first",
      {
        key: "server",
        value: '"first"',
        message: "is not one of the allowed values",
        hint: expect.stringContaining("expected one of primary, secondary"),
      },
    ],
    [
      "a text has the wrong form",
      "pair: shop",
      "pair: The Shop",
      { key: "pair", value: '"The Shop"', message: expect.stringMatching(/^does not match \/\^/) },
    ],
    [
      "an address is none",
      "primary: [192.0.2.1]",
      "primary: [192.0.2.300]",
      {
        key: "dns.addresses.primary[0]",
        value: '"192.0.2.300"',
        message: "is not allowed",
        hint: expect.stringContaining("IPv4 address"),
      },
    ],
    [
      "an unknown key is nearly a known one",
      "zone: example.org",
      "zone: example.org\n  ttlSecond: 5",
      {
        key: "dns.ttlSecond",
        value: "",
        message: "is not a known key",
        hint: "did you mean ttlSeconds?",
      },
    ],
    [
      "an unknown key is far from all",
      "keyName:",
      "colour: 1\n    keyName:",
      {
        key: "dns.tsig.colour",
        hint: "known here: keyName, algorithm, secretFile",
      },
    ],
    [
      "an address holds an unknown key",
      "port: 7401 }\n  peer",
      "port: 7401, prot: 1 }\n  peer",
      {
        key: "link.listen.prot",
        hint: "did you mean port?",
      },
    ],
    ["a control is of no known kind", "kind: command", "kind: comand", { key: "managedSystem.controls[0].kind" }],
    [
      "a group is a text",
      "testPage: {}",
      "testPage: /",
      {
        key: "managedSystem.testPage",
        value: '"/"',
        message: "is not a group of keys",
        hint: expect.stringContaining("expected a group with protocol, path"),
      },
    ],
    [
      "a relation is broken",
      "zone: example.org",
      "zone: example.net",
      {
        key: "dns.name",
        value: '"shop.example.org"',
        message: expect.stringContaining("is not inside the zone example.net (see also dns.zone)"),
        line: lineOf(smallestSettings, "name: shop.example.org"),
      },
    ],
  ])("when %s", (_, old, changed, expected) => {
    const text = smallestSettings.replace(old, changed);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    const line = lineOf(text, changed.split("\n").at(old.startsWith("zone") ? -1 : 0)!);
    expect(problems[0]).toMatchObject({ file: "/etc/sparesync/sparesync.yml", line, ...expected });
  });

  test("a long value is cut, a path that has the wrong form says what it must begin with", () => {
    const long = problemsOf(smallestSettings.replace("pair: shop", `pair: ${"A".repeat(98)}`));
    expect(long[0]?.value).toBe(`"${"A".repeat(98)}"`);
    const longer = problemsOf(smallestSettings.replace("pair: shop", `pair: ${"A".repeat(99)}`));
    expect(longer[0]?.value).toBe(`"${"A".repeat(99)}…`);
    expect(problemsOf(smallestSettings.replace("testPage: {}", "testPage: { path: status }"))).toEqual([
      expect.objectContaining({ key: "managedSystem.testPage.path", message: 'does not begin with "/"' }),
    ]);
  });

  test("a missing key is reported at the line of the group that lacks it", () => {
    const text = smallestSettings.replace("  zone: example.org\n", "");
    expect(problemsOf(text)).toEqual([
      expect.objectContaining({ key: "dns.zone", line: lineOf(text, "dns:"), message: "is missing", value: "" }),
    ]);
    expect(problemsOf("pair: shop\n").map(({ key }) => key)).toEqual(
      expect.arrayContaining(["server", "link", "admin", "exporter", "ownership", "dns", "managedSystem"]),
    );
  });

  test("all problems come at once: values, unknown keys and relations between the sections that are valid", () => {
    const text = smallestSettings
      .replace("pair: shop", "pair: 5")
      .replace("server: primary", "server: primary\nserfer: x")
      .replace("keyName: sparesync-shop", "keyName: 7")
      .replace("  peer:", "  heartbeatSeconds: 10\n  peer:");
    expect(problemsOf(text).map(({ key }) => key)).toEqual([
      "pair",
      "dns.tsig.keyName",
      "serfer",
      "link.heartbeatSeconds",
    ]);
  });

  test("the message lists them as lines that an editor can follow", () => {
    const text = smallestSettings.replace("pair: shop", "pair: 5").replace("testPage: {}", "testPage: { pth: / }");
    expect(() => parseSettings(text, "/x/sparesync.yml")).toThrow(
      new RegExp(
        "^/x/sparesync.yml has 2 problems\n/x/sparesync.yml:1: pair: 5: is not a text; .*\n" +
          "/x/sparesync.yml:28: managedSystem.testPage.pth: is not a known key; did you mean path\\?$",
      ),
    );
  });
});

describe("secrets never reach a message", () => {
  test.each([
    ["the value of an unknown key", smallestSettings.replace("keyName:", "secret: hunter2\n    keyName:")],
    [
      "a password in the place of its file",
      `${smallestSettings}databases:\n  - { name: a, passwordFile: [hunter2] }\n`,
    ],
    [
      "a secret file's name of a wrong type",
      smallestSettings.replace("keyName:", "secretFile: {hunter2: 1}\n    keyName:"),
    ],
    ["a line that is not YAML", `${smallestSettings}\npassword: "hunter2`],
  ])("%s", (_, text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems.map(({ key, ...rest }) => [rest, key.replace("hunter2", "")]))).not.toContain(
      "hunter2",
    );
  });
});

describe("texts that are not one plain YAML document", () => {
  test.each([
    [
      "a key is given twice",
      "pair: a\nserver: primary\npair: b\n",
      { line: 3, key: "pair", message: "is given twice in one group" },
    ],
    ["a text is not closed", 'pair: "a\n', { message: expect.stringContaining("is not valid YAML") }],
    ["the indentation breaks", "link:\n  a: 1\n b: 2\n", { line: 3 }],
    ["there are two documents", "pair: a\n---\npair: b\n", { message: expect.stringContaining("is not valid YAML") }],
    ["an alias is used", "a: &x [1, 2]\nb: *x\n", { line: 2, message: "an alias (*) is not allowed here" }],
    ["a merge is used", "a: &x { b: 1 }\nc:\n  <<: *x\n", { line: 3, hint: "write the value out" }],
    ["a tag is used", "pair: !secret a\n", { line: 1 }],
    ["the file is empty", "\n# nothing\n", { line: 0, message: "the file is empty" }],
  ])("when %s", (_, text, expected) => {
    expect(problemsOf(text)[0]).toMatchObject(expected);
  });

  test.each([
    ["a list", "- a\n"],
    ["a text", "hello\n"],
  ])("when the file is %s", (_, text) => {
    expect(problemsOf(text)).toEqual([expect.objectContaining({ key: "", message: "is not a group of keys" })]);
  });

  test("aliases that would grow to a billion values are refused at once", () => {
    const bomb = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 10; i += 1)
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    expect(problemsOf(bomb.join("\n"))[0]?.message).toContain("alias");
  });

  test("groups nested without end are refused", () => {
    expect(problemsOf("[".repeat(50000)).length).toBeGreaterThan(0);
  });

  test("prototype keys are unknown keys", () => {
    expect(problemsOf(`${smallestSettings}__proto__:\n  polluted: 1\nconstructor: 1\n`).map(({ key }) => key)).toEqual([
      "__proto__",
      "constructor",
    ]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a file that cannot be read", () => {
  test("names the file and what to do", async () => {
    await expect(readSettings(path.join(directory, "none.yml"))).rejects.toMatchObject({
      code: "SETTINGS_UNREADABLE",
      message: expect.stringContaining("none.yml"),
      hint: expect.stringContaining("sparesync init"),
    });
    await expect(readSettings(directory)).rejects.toMatchObject({ code: "SETTINGS_UNREADABLE" });
  });

  test("a huge file is not parsed", async () => {
    const file = path.join(directory, "huge.yml");
    await writeFile(file, "#".repeat(1_000_001));
    await expect(readSettings(file)).rejects.toMatchObject({ message: expect.stringContaining("larger than") });
  });
});

describe("a secret file", () => {
  test("is read without the line break at its end", async () => {
    const file = path.join(directory, "pair-key");
    await writeFile(file, "abc \r\n\n", { mode: 0o600 });
    expect(await readSecretFile(file)).toBe("abc ");
    await chmod(file, 0o400);
    expect(await readSecretFile(file)).toBe("abc ");
  });

  test.each([0o640, 0o604, 0o610, 0o660, 0o644])("is refused with mode %o", async (mode) => {
    const file = path.join(directory, "pair-key");
    await writeFile(file, "abc");
    await chmod(file, mode);
    await expect(readSecretFile(file)).rejects.toMatchObject({
      code: "SETTINGS_UNREADABLE",
      hint: `chmod 600 ${file}`,
      message: expect.not.stringContaining("abc"),
    });
  });

  test("is refused when it is missing or empty", async () => {
    const file = path.join(directory, "pair-key");
    await expect(readSecretFile(file)).rejects.toMatchObject({ message: expect.stringContaining("pair-key") });
    await writeFile(file, "\n", { mode: 0o600 });
    await expect(readSecretFile(file)).rejects.toMatchObject({ message: expect.stringContaining("is empty") });
  });
});
