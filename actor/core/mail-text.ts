import type { MailContent } from "./compose-mail.js";

/** A mail as plain text, readable where lines are cut at 78 characters or not at all. */
export function renderMailText({ title, lead, facts, servers, steps, links }: MailContent): string {
  const width = Math.max(...facts.map(([name]) => name.length), 0) + 2;
  const sections = [
    [title, "", lead],
    facts.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    ["Both servers (this one | the other one)", ...servers.map(([name, own, other]) => `- ${name}: ${own} | ${other}`)],
    steps.length === 0 ? [] : ["Operation", ...steps.map((step) => `- ${step}`)],
    links.map(([name, url]) => `${name}: ${url}`),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}
