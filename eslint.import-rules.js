/** The direction of imports (ARCHITECTURE.md): main → wiring → loops, routes, steps, collectors → adapters → core. */

const nodeBuiltIns = ["node:*", "fs", "net", "http", "https", "tls", "crypto", "child_process", "os", "dns", "dgram"];

const pureGlobals = [
  "process",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "fetch",
  "console",
  "performance",
  "queueMicrotask",
].map((name) => ({ name, message: "A core folder is pure: time, environment and I/O come in as values." }));
const pureSyntax = [
  { selector: "AwaitExpression", message: "A core folder is pure: no await." },
  {
    selector: "FunctionDeclaration[async=true], ArrowFunctionExpression[async=true]",
    message: "A core folder is pure: no async.",
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "A core folder is pure: time comes in as a value.",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "A core folder is pure: time comes in as a value.",
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "A core folder is pure: no randomness.",
  },
];

/** Timers and clocks are a port everywhere the simulation runs production code. */
const portGlobals = ["setTimeout", "setInterval", "setImmediate"].map((name) => ({
  name,
  message: "Use the clock port: the simulation must be able to run this code.",
}));

function forbid(files, patterns, ignores = []) {
  return { files, ignores, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export const importRules = [
  {
    files: ["shared/core/**/*.ts", "actor/core/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...pureGlobals],
      "no-restricted-syntax": ["error", ...pureSyntax],
    },
  },
  forbid(
    ["shared/core/**/*.ts"],
    [
      { group: nodeBuiltIns, message: "A core folder is pure: no I/O." },
      { regex: "^(\\.\\./){2,}", message: "shared/core imports only shared/core." },
    ],
    ["shared/core/settings/**"],
  ),
  forbid(
    ["shared/core/settings/**/*.ts"],
    [
      { group: nodeBuiltIns, message: "A core folder is pure: no I/O." },
      { regex: "^(\\.\\./){3,}", message: "shared/core imports only shared/core." },
    ],
  ),
  forbid(
    ["actor/core/**/*.ts"],
    [
      { regex: "^\\.\\./(?!\\.\\./shared/core/)", message: "actor/core imports only actor/core and shared/core." },
      {
        group: nodeBuiltIns.filter((name) => name !== "node:*" && name !== "crypto"),
        message: "A core folder is pure: no I/O.",
      },
      {
        regex: "^node:(?!crypto$|buffer$)",
        message: "A core folder is pure: no I/O (node:crypto's hashes and HMAC are pure).",
      },
    ],
  ),
  forbid(
    ["exporter/**/*.ts"],
    [{ regex: "/actor/", message: "The exporter never imports the actor; they meet in shared/core." }],
  ),
  forbid(
    ["actor/**/*.ts"],
    [{ regex: "/(exporter|cli|demo|test|bench)/", message: "The actor imports only itself and shared." }],
    ["actor/core/**"],
  ),
  forbid(
    ["shared/**/*.ts"],
    [{ regex: "/(actor|exporter|cli|demo|test|bench)/", message: "shared imports only shared." }],
    ["shared/core/**"],
  ),
  forbid(
    ["cli/**/*.ts"],
    [
      {
        regex:
          "/actor/(?!core/|((guard/)?main|database-(scripts|backups)|witness-answers|files/(confined|own)-folder)\\.js$)",
        message: "cli imports shared, any core, and the programs' main.",
      },
      { regex: "/exporter/(?!core/|main\\.js$)", message: "cli imports shared, any core, and the programs' main." },
    ],
  ),
  {
    files: ["actor/*.ts", "actor/watch/**/*.ts", "actor/operations/**/*.ts", "actor/core/**/*.ts"],
    ignores: ["actor/main.ts", "actor/guard/main.ts"],
    rules: { "no-restricted-globals": ["error", ...pureGlobals, ...portGlobals] },
  },
];
