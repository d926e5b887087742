import { describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { alerts } from "../../alert-rules/alerts.js";

describe("runbooks", () => {
  test.each(alerts.map(({ code }) => code))("SpareSync%s has a runbook with its four parts", async (code) => {
    const text = await readFile(`docs/runbooks/SpareSync${code}.md`, "utf8");
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title)).toEqual([
      `SpareSync${code}`,
      "Meaning",
      "Impact",
      "Diagnosis",
      "Mitigation",
    ]);
    const commands = [...text.matchAll(/`sparesync (\w+)/g)].map(([, command]) => command!);
    expect(commands.length).toBeGreaterThan(0);
    const known = ["init", "check", "actor", "exporter", "status", "switch", "on", "off", "operations"];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
  });
});
