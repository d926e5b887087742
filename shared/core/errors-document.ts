import { errorCatalogue } from "./error-catalogue.js";

const head = `# Errors

Every expected failure has a code. Logs, the HTTP interface (\`{"error":{"code","message","hint"}}\`) and
\`sparesync --json\` carry it. This page is generated from the catalogue (\`npm run docs\`).

| Code | HTTP status | Meaning |
|---|---|---|
`;

/** docs/errors.md: every code with the status of the answer that carries it. */
export function renderErrorsDocument(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { httpStatus, meaning }]) => `| \`${code}\` | ${String(httpStatus)} | ${meaning} |\n`,
  );
  return head + rows.join("");
}
