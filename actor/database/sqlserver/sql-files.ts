import { readFileSync } from "node:fs";

const folder = new URL("../../../../sql/sqlserver/", import.meta.url);

/** What speaks TDS at the address. Babelfish lacks some of SQL Server; `sql/sqlserver/babelfish` replaces that. */
export type Flavour = "sqlserver" | "babelfish";

/** The statements of sql/sqlserver, read once each. A template's `{{part}}` takes text made by quoteIdentifier. */
export class SqlFiles {
  readonly #texts = new Map<string, string>();

  /** `name` is the path below sql/sqlserver without `.sql`. Parts that another flavour's text does not need are left. */
  text(flavour: Flavour, name: string, parts: Readonly<Record<string, string>> = {}): string {
    return this.#read(flavour, name).replaceAll(/\{\{([a-zA-Z]+)\}\}/g, (_, part: string) => {
      const value = parts[part];
      if (value === undefined) throw new TypeError(`sql/sqlserver/${name}.sql needs {{${part}}}`);
      return value;
    });
  }

  #read(flavour: Flavour, name: string): string {
    const key = `${flavour}/${name}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = (flavour === "babelfish" ? readIfThere(`babelfish/${name}`) : undefined) ?? readFile(name);
    // The header is for readers; without it each statement the server logs is shorter.
    const body = text.split("\n").slice(3).join("\n").trim();
    this.#texts.set(key, body);
    return body;
  }
}

function readFile(name: string): string {
  return readFileSync(new URL(`${name}.sql`, folder), "utf8");
}

function readIfThere(name: string): string | undefined {
  try {
    return readFile(name);
  } catch {
    return undefined;
  }
}
