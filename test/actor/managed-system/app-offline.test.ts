import { afterAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAppOfflineControl } from "../../../actor/managed-system/app-offline.js";
import { managedSystemControlContract } from "../../contract/managed-system-control.contract.js";

const { signal } = new AbortController();
const directories: string[] = [];

async function openControl() {
  const directory = await mkdtemp(path.join(tmpdir(), "app-offline-"));
  directories.push(directory);
  const file = path.join(directory, "app_offline.htm");
  return { control: createAppOfflineControl({ kind: "app-offline", directory }), directory, file };
}

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

managedSystemControlContract("app-offline", async () => {
  const { control, directory } = await openControl();
  return { control, blind: () => rm(directory, { recursive: true }) };
});

describe("app-offline", () => {
  test("writes a page that the web server can read, and leaves nothing else behind", async () => {
    const { control, directory, file } = await openControl();
    await control.stop(5, signal);
    expect(await readFile(file, "utf8")).toMatch(/^<!doctype html>/);
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    expect(await readdir(directory)).toEqual(["app_offline.htm"]);
  });

  test("a file of somebody else counts as stopped and is neither overwritten nor removed", async () => {
    const { control, file } = await openControl();
    await writeFile(file, "deployment in progress");
    expect(await control.status(signal)).toMatchObject({ state: "stopped" });
    await control.stop(5, signal);
    const starting = control.start(signal);
    await expect(starting).rejects.toMatchObject({ code: "MANAGED_SYSTEM_FAILED" });
    await expect(starting).rejects.toThrow(/was not written by SpareSync/);
    expect(await readFile(file, "utf8")).toBe("deployment in progress");
  });
});
