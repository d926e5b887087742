import { describe, expect, test } from "@jest/globals";
import { allFiles, allImports, read } from "./code-base.js";

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly scripts: Record<string, string>;
}

const manifest = JSON.parse(read("package.json")) as Manifest;
const lock = JSON.parse(read("package-lock.json")) as {
  readonly packages: Record<string, { readonly integrity?: string; readonly resolved?: string }>;
};

/** Programs that package.json's scripts, the test runner or ESLint start; no file of ours imports them. */
const tools = ["eslint", "jest", "prettier", "typescript", "typescript-eslint", "typescript-native"];
/** What ships: the rest is demonstration, documents and tests. */
const product = /^(actor|exporter|shared|cli)\//;

const packageOf = (name: string): string => name.split("/", name.startsWith("@") ? 2 : 1).join("/");
const packagesOf = (imports: typeof allImports): Set<string> =>
  new Set(
    imports
      .map(({ to }) => to)
      .filter((to) => !to.endsWith(".ts") && !to.startsWith("node:"))
      .map(packageOf),
  );

describe("packages", () => {
  test("of the product are exactly what the product imports", () => {
    const used = packagesOf(allImports.filter(({ from }) => product.test(from)));
    expect(Object.keys(manifest.dependencies).sort()).toEqual([...used].sort());
  });

  test("of development are all used, and nothing else is imported", () => {
    const used = packagesOf(allImports);
    const named = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]);
    expect([...used].filter((name) => !named.has(name))).toEqual([]);
    const isUsed = (name: string): boolean =>
      used.has(name) || tools.includes(name) || (name.startsWith("@types/") && isTyped(name.slice("@types/".length)));
    const isTyped = (name: string): boolean => name === "node" || used.has(name);
    expect(Object.keys(manifest.devDependencies).filter((name) => !isUsed(name))).toEqual([]);
  });

  test("are pinned, and each is in the decision on dependencies", () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^(npm:\w+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    const decision = read(allFiles.find((file) => file.endsWith("-dependencies.md")) ?? "");
    const unnamed = all.map(([name]) => name).filter((name) => !name.startsWith("@types/") && !decision.includes(name));
    expect(unnamed).toEqual([]);
  });

  test("have a checksum in the lock file and no address", () => {
    const entries = Object.entries(lock.packages).filter(([path]) => path !== "");
    expect(entries.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
    expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
});
