import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram, isMissing, programsNeededBy } from "./needed-programs.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sparesync-needed-"));
  mkdirSync(join(folder, "test/support"), { recursive: true });
  mkdirSync(join(folder, "lib/15/bin"), { recursive: true });
  writeFileSync(join(folder, "lib/15/bin/postgres"), "");
  writeFileSync(join(folder, "test/support/name-server.ts"), 'spawn("named", []);');
  writeFileSync(join(folder, "test/a.test.ts"), 'import { x } from "./support/name-server.js";\n');
  writeFileSync(join(folder, "test/b.test.ts"), "// speaks of named and dig, without quotes\n");
  writeFileSync(join(folder, "test/c.test.ts"), 'const postgres = "/usr/lib/postgresql/15/bin/postgres";\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("programs that tests need", () => {
  test.each([
    { when: "a file it imports starts it", file: "test/a.test.ts", names: ["named"] },
    { when: "it only speaks of it", file: "test/b.test.ts", names: [] },
    { when: "it names its path", file: "test/c.test.ts", names: ["postgres"] },
  ])("are found when $when", ({ file, names }) => {
    expect(programsNeededBy(file, folder).map(({ name }) => name)).toEqual(names);
  });

  test("are looked for on the PATH and in the folders of their packages, also under a version's number", () => {
    const program = { name: "postgres", debianPackage: "", elsewhere: "", folders: [`${folder}/lib/*/bin`] };
    expect(findProgram(program, "")).toBe(join(folder, "lib/15/bin/postgres"));
    expect(findProgram({ ...program, folders: [] }, join(folder, "lib/15/bin"))).toBe(
      join(folder, "lib/15/bin/postgres"),
    );
    expect(findProgram({ ...program, folders: [] }, "")).toBeUndefined();
  });

  test("one that helps root alone is missing for everybody else", () => {
    const node = { name: "node", debianPackage: "nodejs", elsewhere: "", folders: [dirname(process.execPath)] };
    expect([isMissing(node, 1000), isMissing({ ...node, needsRoot: true }, 1000)]).toEqual([false, true]);
    expect(isMissing({ ...node, needsRoot: true }, 0)).toBe(false);
    expect(isMissing({ ...node, name: "no-such-program" }, 0)).toBe(true);
  });
});
