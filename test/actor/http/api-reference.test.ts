import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { alertOutcomes } from "../../../actor/actor-api.js";
import { routes } from "../../../actor/http/routes/index.js";

const reference = readFileSync("docs/api.md", "utf8");

test("docs/api.md has exactly the routes there are, with their roles and purposes, in their order", () => {
  const rows = reference.split("\n").filter((line) => /^\| (GET|POST) \|/.test(line));
  expect(rows).toEqual(
    routes.map(({ method, path, access, purpose }) => `| ${method} | \`${path}\` | ${access} | ${purpose} |`),
  );
});

test("docs/api.md names every outcome of an alert", () => {
  for (const outcome of alertOutcomes) expect(reference).toContain(`\`${outcome}\``);
});

test("every POST validates its body, no GET has one, and no two routes are the same", () => {
  for (const { method, body } of routes) expect(body !== undefined).toBe(method === "POST");
  expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
});
