import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, stat, writeFile, mkdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "atomic-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe("writing a file atomically", () => {
  test("a new file has the content and the mode whatever the umask, and nothing else is left", async () => {
    const file = path.join(directory, "state.json");
    const umask = process.umask(0o077);
    try {
      await writeFileAtomically(file, "one", 0o640);
    } finally {
      process.umask(umask);
    }
    expect(await readFile(file, "utf8")).toBe("one");
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    await writeFileAtomically(file, Buffer.from("two"));
    expect(await readFile(file, "utf8")).toBe("two");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["state.json"]);
  });

  test("a write that fails leaves the old content and no temporary file", async () => {
    const file = path.join(directory, "state.json");
    await writeFile(file, "old");
    const notData = { toString: () => "x" } as unknown as string;
    await expect(writeFileAtomically(file, notData)).rejects.toThrow();
    expect(await readFile(file, "utf8")).toBe("old");
    expect(await readdir(directory)).toEqual(["state.json"]);
  });

  test("a target that cannot be replaced leaves no temporary file", async () => {
    const file = path.join(directory, "taken");
    await mkdir(file);
    await expect(writeFileAtomically(file, "x")).rejects.toMatchObject({ code: "EISDIR" });
    expect(await readdir(directory)).toEqual(["taken"]);
  });

  test("a process that is killed while it writes leaves one whole content, never a part", async () => {
    const file = path.join(directory, "state.json");
    const module = pathToFileURL(path.resolve("dist/shared/atomic-file.js")).href;
    const program = `const { writeFileAtomically } = await import(${JSON.stringify(module)});
      for (let i = 0; ; i += 1) {
        await writeFileAtomically(${JSON.stringify(file)}, String(i % 10).repeat(200000));
        if (i === 3) process.stdout.write("going");
      }`;
    for (let round = 0; round < 5; round += 1) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      child.kill("SIGKILL");
      await once(child, "exit");
      const content = await readFile(file, "utf8");
      expect(content.length).toBe(200000);
      expect(content).toBe(content.charAt(0).repeat(200000));
    }
  });
});

test("a file that does not exist reads as undefined, any other failure is thrown", async () => {
  expect(await readFileIfExists(path.join(directory, "no"))).toBeUndefined();
  await writeFile(path.join(directory, "yes"), "text");
  expect(await readFileIfExists(path.join(directory, "yes"))).toBe("text");
  await expect(readFileIfExists(directory)).rejects.toMatchObject({ code: "EISDIR" });
});
