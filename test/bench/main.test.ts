import { describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { benches } from "../../bench/benches.js";
import { contenders } from "../../bench/files/contenders.js";

const main = join(import.meta.dirname, "../../bench/main.js");

function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    timeout: 50_000,
  });
  return { stdout, stderr, status };
}

interface Result {
  readonly bench: string;
  readonly cases: readonly Readonly<Record<string, unknown>>[];
}

describe("npm run bench", () => {
  test("has cases of different names with at least one goal, against peers that exist", () => {
    for (const { cases } of benches) expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const files = benches.find(({ name }) => name === "files");
    const peers = files?.cases.flatMap(({ goals }) => goals.map(({ peer }) => peer)) ?? [];
    const known = new Set(["none", "chokidar", ...contenders.map(({ name }) => name)]);
    expect(peers.filter((peer) => !known.has(peer))).toEqual([]);
    expect(files?.cases.filter(({ goals }) => goals.length === 0)).toEqual([]);
  });

  test("refuses a bench and a case that do not exist, naming those that do", () => {
    expect(run("nothing")).toMatchObject({ status: 2, stderr: expect.stringContaining("files") as unknown });
    expect(run("files", "--case", "nothing")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("rescan-unchanged") as unknown,
    });
  });

  test("measures the product's own processes; the last line of the output is one JSON object", () => {
    const { stdout, stderr } = run(
      ...["files", "--json", "--case", "rename-folder", "--peer", "none", "--rounds", "1", "--scale", "0.005"],
    );
    const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Result;
    expect(result).toMatchObject({ bench: "files", scale: 0.005 });
    expect(result.cases).toHaveLength(1);
    const [bytes] = result.cases;
    expect(bytes).toMatchObject({ name: "rename-folder", peer: "none", theirs: null, unit: "bytes", rounds: 1 });
    expect(bytes?.["ours"]).toBeGreaterThan(0);
    expect(bytes).not.toHaveProperty("why");
    expect(stderr).toContain("== rename-folder");
  });
});
