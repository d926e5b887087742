import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import { errorCode } from "../../shared/core/app-error.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { decodeDivergenceLine, divergenceFolder, divergenceKinds, type DivergenceView } from "../core/divergence.js";
import type { DivergencePort } from "./divergence-port.js";

const acknowledgedName = "acknowledged.json";
const acknowledgements = z.record(z.string(), z.object({ by: z.string(), atMs: z.number() }));

/** The reports of this server, which are never removed, and who has acknowledged them. */
export class DivergenceStore implements DivergencePort {
  readonly #root: string;
  readonly #server: ServerName;
  /** A report has its name only when it is whole, so what was counted once stays. */
  readonly #counted = new Map<string, { readonly atMs: number; readonly entries: number }>();

  constructor(stateDirectory: string, server: ServerName) {
    this.#root = path.join(stateDirectory, divergenceFolder);
    this.#server = server;
  }

  async list(limit: number): Promise<readonly DivergenceView[]> {
    const acknowledged = await this.#acknowledged();
    const views: DivergenceView[] = [];
    for (const kind of divergenceKinds) {
      for (const name of await namesIn(path.join(this.#root, kind))) {
        for (const leaf of await namesIn(path.join(this.#root, kind, name))) {
          const parts = /^(?<id>.+)\.(?<form>found|lost)\.jsonl$/.exec(leaf)?.groups;
          if (parts === undefined) continue;
          const place = path.join(kind, name, leaf);
          const file = path.join(this.#root, place);
          const { atMs, entries } = await this.#count(file);
          const isAcknowledged = acknowledged[place] !== undefined;
          const examples = limit === 0 ? [] : await firstEntries(file, limit);
          const form = parts["form"] === "found" ? "found" : "lost";
          const id = parts["id"] ?? "";
          views.push({ kind, name, form, id, server: this.#server, file, atMs, entries, isAcknowledged, examples });
        }
      }
    }
    return views;
  }

  async acknowledge(by: string, atMs: number): Promise<number> {
    const open = (await this.list(0)).filter(({ isAcknowledged }) => !isAcknowledged);
    if (open.length === 0) return 0;
    const added = Object.fromEntries(open.map(({ file }) => [path.relative(this.#root, file), { by, atMs }]));
    const all = { ...(await this.#acknowledged()), ...added };
    await writeFileAtomically(path.join(this.#root, acknowledgedName), JSON.stringify(all));
    return open.length;
  }

  /** What cannot be read was acknowledged by nobody: then a person looks once more. */
  async #acknowledged(): Promise<z.output<typeof acknowledgements>> {
    const text = await readFileIfExists(path.join(this.#root, acknowledgedName));
    try {
      return text === undefined ? {} : acknowledgements.parse(JSON.parse(text));
    } catch {
      return {};
    }
  }

  async #count(file: string): Promise<{ readonly atMs: number; readonly entries: number }> {
    const atMs = Math.round((await stat(file)).mtimeMs);
    const known = this.#counted.get(file);
    if (known?.atMs === atMs) return known;
    let entries = 0;
    for await (const line of linesOf(file)) if (line !== "") entries += 1;
    const counted = { atMs, entries };
    this.#counted.set(file, counted);
    return counted;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
}

async function firstEntries(file: string, limit: number): Promise<DivergenceView["examples"]> {
  const examples: DivergenceView["examples"] = [];
  for await (const line of linesOf(file)) {
    if (examples.length >= limit) break;
    const entry = decodeDivergenceLine(line);
    if (entry !== undefined) examples.push(entry);
  }
  return examples;
}
