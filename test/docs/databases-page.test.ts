import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { databaseErrors } from "../../actor/core/database-errors.js";

test("docs/databases.md says of each failure what the code makes of it", async () => {
  const page = await readFile("docs/databases.md", "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|.*\|$/gm)].map(([row]) => row);
  const known = Object.entries(databaseErrors).map(
    ([code, { health, isMendedByCopy, why }]) =>
      `| \`${code}\` | ${health} | ${isMendedByCopy ? "yes" : "no"} | ${why} |`,
  );
  expect(rows).toEqual(known);
});
