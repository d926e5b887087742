import { peerStateTable, stateTable } from "./state-table.js";

const head = `# States

Each actor computes its own state from what it has on disk and sees; nothing stores it. The first row whose condition holds
is the state. This page is generated from the table in the code (\`npm run docs\`).

## Of a server itself

| State | When |
|---|---|
`;

const peerHead = `
## Of the other server, as seen from here

| State | When |
|---|---|
`;

const peerEnd = "| the state it reports | else |\n";

/** docs/states.md: both tables in the order in which they are evaluated. */
export function renderStatesDocument(): string {
  const rows = (table: readonly { readonly state: string; readonly meaning: string }[]): string =>
    table.map(({ state, meaning }) => `| \`${state}\` | ${meaning} |\n`).join("");
  return head + rows(stateTable) + peerHead + rows(peerStateTable) + peerEnd;
}
