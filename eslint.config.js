import tseslint from "typescript-eslint";
import { importRules } from "./eslint.import-rules.js";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "*.js"] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: ["shared/core/**/*.ts", "actor/core/**/*.ts", "exporter/core/**/*.ts"],
    rules: { "max-lines": ["error", { max: 200, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "max-lines-per-function": "off",
      "no-console": "off",
    },
  },
  {
    // The SDK calls the classic JSON model deprecated; it is what Grafana 10 to 13 take.
    files: ["grafana-dashboards/**/*.ts", "test/grafana-dashboards/**/*.ts"],
    rules: { "@typescript-eslint/no-deprecated": "off" },
  },
  { files: ["demo/**/*.ts", "bench/**/*.ts", "cli/**/*.ts"], rules: { "no-console": "off" } },
  ...importRules,
);
