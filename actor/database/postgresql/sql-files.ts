import { readFileSync } from "node:fs";

const folder = new URL("../../../../sql/postgresql/", import.meta.url);

/** The statements of sql/postgresql, read once each. A template's `{{part}}` takes text made by quoteIdentifier. */
export class SqlFiles {
  readonly #texts = new Map<string, string>();

  /** `name` is the path below sql/postgresql without `.sql`. Every part of a template must be given, and no other. */
  text(name: string, parts: Readonly<Record<string, string>> = {}): string {
    const template = this.#read(name);
    const unused = new Set(Object.keys(parts));
    const filled = template.replaceAll(/\{\{([a-zA-Z]+)\}\}/g, (_, part: string) => {
      unused.delete(part);
      const value = parts[part];
      if (value === undefined) throw new TypeError(`sql/postgresql/${name}.sql needs {{${part}}}`);
      return value;
    });
    if (unused.size > 0) throw new TypeError(`sql/postgresql/${name}.sql has no {{${[...unused].join("}}, {{")}}}`);
    return filled;
  }

  #read(name: string): string {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const text = readFileSync(new URL(`${name}.sql`, folder), "utf8");
    // The header is for readers; without it each statement the server logs is shorter.
    const body = text.split("\n").slice(3).join("\n").trim();
    this.#texts.set(name, body);
    return body;
  }
}
