import { escapeHtml } from "../../shared/core/escape-html.js";
import type { MailContent } from "./compose-mail.js";

const cell = 'style="text-align:left;vertical-align:top;padding:2px 12px 2px 0"';

/** A mail as HTML: no picture, no script, nothing from elsewhere, every value escaped. */
export function renderMailHtml({ title, lead, facts, servers, steps, links }: MailContent): string {
  const [heading, ...rows] = servers;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body style="font-family:sans-serif">',
    `<h1 style="font-size:1.3em">${escapeHtml(title)}</h1><p>${escapeHtml(lead)}</p>`,
    `<table>${facts.map(([name, value]) => row([name, value])).join("")}</table>`,
    `<h2 style="font-size:1.1em">Both servers</h2><table>`,
    heading ? `<tr>${heading.map((text) => `<th scope="col" ${cell}>${escapeHtml(text)}</th>`).join("")}</tr>` : "",
    `${rows.map(row).join("")}</table>`,
    steps.length === 0 ? "" : `<h2 style="font-size:1.1em">Operation</h2><ul>${steps.map(item).join("")}</ul>`,
    `<p>${links.map(link).join("<br>")}</p></body></html>`,
  ].join("\n");
}

function row([name = "", ...values]: readonly string[]): string {
  const columns = values.map((value) => `<td ${cell}>${escapeHtml(value)}</td>`).join("");
  return `<tr><th scope="row" ${cell}>${escapeHtml(name)}</th>${columns}</tr>`;
}

function item(text: string): string {
  return `<li>${escapeHtml(text)}</li>`;
}

function link([name, url]: readonly [string, string]): string {
  return `${escapeHtml(name)}: <a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
}
