import { describe, expect, test } from "@jest/globals";
import { allFiles, allImports, type Import, importsOf, sourceFiles } from "./code-base.js";

interface Layer {
  readonly when: string;
  readonly files: RegExp;
  /** What these files may import of the project. */
  readonly mayImport: RegExp;
}

/** What wiring, loops and steps share with the adapters: types only, no behaviour. */
const contracts =
  "actor/(sync-part|actor-api|link/link|dns/name-server-port|managed-system/managed-system-port|database/engine)\\.ts";

/** The direction of imports: main → wiring → loops, routes, steps, collectors → adapters → core. Never back. */
const layers: readonly Layer[] = [
  { when: "shared/core is at the bottom", files: /^shared\/core\//, mayImport: /^shared\/core\// },
  { when: "shared knows neither program", files: /^shared\//, mayImport: /^shared\// },
  { when: "actor/core is pure rules", files: /^actor\/core\//, mayImport: /^(actor|shared)\/core\// },
  { when: "actor and its parts", files: /^actor\//, mayImport: /^(actor|shared|sql)\// },
  {
    when: "adapters of the actor know contracts and core, not who uses them",
    files: /^actor\/(files|database|dns|managed-system|notify|link)\//,
    mayImport: new RegExp(`^(shared/|actor/core/|actor/(files|database|dns|managed-system|notify|link)/|${contracts})`),
  },
  { when: "the exporter never meets the actor", files: /^exporter\//, mayImport: /^(exporter|shared)\// },
  {
    when: "cli knows shared, any core, the programs' main, what it generates, and the way into a folder that follows no link",
    files: /^cli\//,
    mayImport:
      /^(cli\/|shared\/|alert-rules\/|(actor|exporter)\/(core\/|(guard\/)?main\.ts$)|actor\/(database-(scripts|backups)|witness-answers|files\/(confined|own)-folder)\.ts$)/,
  },
  {
    when: "the demonstration runs the product as processes",
    files: /^demo\//,
    mayImport: /^(demo|shared|alert-rules|actor\/core)\//,
  },
  { when: "alert rules are made from the catalogues", files: /^alert-rules\//, mayImport: /^(alert-rules|shared)\// },
  {
    when: "dashboards are made from the catalogues",
    files: /^grafana-dashboards\//,
    mayImport: /^(grafana-dashboards|shared)\//,
  },
];

function isOwn(to: string): boolean {
  return to.includes("/") && sourceFiles.includes(to);
}

function shown({ from, to }: Import): string {
  return `${from} → ${to}`;
}

describe("the direction of imports", () => {
  test.each(layers)("$when", ({ files, mayImport }) => {
    const wrong = allImports.filter(({ from, to }) => files.test(from) && isOwn(to) && !mayImport.test(to));
    expect(wrong.map(shown)).toEqual([]);
  });

  test("each adapter of the actor keeps to itself; two of them meet in a contract", () => {
    const adapter = /^actor\/(files|database|dns|managed-system|notify|link)\//;
    const wrong = allImports.filter(({ from, to }) => {
      const [own] = adapter.exec(from) ?? [];
      const [other] = adapter.exec(to) ?? [];
      return own !== undefined && other !== undefined && own !== other && !new RegExp(`^${contracts}$`).test(to);
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  test("every relative import leads to a file that exists", () => {
    const wrong = allImports.filter(({ to }) => to.endsWith(".ts") && to.includes("/") && !allFiles.includes(to));
    expect(wrong.map(shown)).toEqual([]);
  });

  test("no two files import each other in a circle", () => {
    const next = new Map<string, string[]>();
    for (const { from, to, isTypeOnly } of allImports) {
      if (!isTypeOnly && isOwn(to)) next.set(from, [...(next.get(from) ?? []), to]);
    }
    expect(circleIn(next)).toEqual([]);
  });

  // A thread that is ended while it loads a native library takes the whole process with it.
  test("the thread that watches loads no native library", () => {
    const loaded = new Set(["actor/files/watch-worker.ts"]);
    // What is added while the set is gone through is gone through as well.
    for (const file of loaded) {
      for (const { to, isTypeOnly } of importsOf(file)) if (!isTypeOnly && isOwn(to)) loaded.add(to);
    }
    const packages = [...loaded].flatMap(importsOf).filter(({ to, isTypeOnly }) => !isTypeOnly && !isOwn(to));
    expect(loaded).toContain("actor/files/folder-watches.ts");
    expect([...new Set(packages.map(({ to }) => to))].filter((to) => !/^(node:|ignore$)/.test(to))).toEqual([]);
  });
});

/** One circle of the graph, empty when there is none. */
function circleIn(next: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    done.add(file);
    for (const imported of next.get(file) ?? []) {
      const circle = visit(imported, [...path, file]);
      if (circle.length > 0) return circle;
    }
    return [];
  };
  for (const file of next.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
