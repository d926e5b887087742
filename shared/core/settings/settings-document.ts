import { listSettings, type SettingEntry } from "./settings-list.js";

const head = `# Settings

One file per server, \`sparesync.yml\`, strict YAML without aliases. This page is generated from the schema
(\`npm run docs\`); \`sparesync check --settings FILE\` examines a file.

- **Scope** — *pair*: must be the same in both files; *server*: belongs to the server whose file it is.
- **critical** — a wrong value can make both servers serve, or lose data.
- **restart** — a change takes effect only after a restart of the process.
- **secret** — the file it names holds a secret and must not be readable by others (mode 0600).
- Paths that are relative start at the folder of the settings file.
`;

/** docs/settings.md: every setting with type, default and what is declared about it. */
export function renderSettingsDocument(): string {
  const sections = new Map<string, SettingEntry[]>();
  for (const entry of listSettings()) {
    const section = sectionOf(entry);
    sections.set(section, [...(sections.get(section) ?? []), entry]);
  }
  return [head, ...[...sections].map(([title, entries]) => renderSection(title, entries))].join("\n");
}

function sectionOf({ path }: SettingEntry): string {
  return path.includes(".") ? (path.split(/[.[]/)[0] ?? "") : "General";
}

function renderSection(title: string, entries: readonly SettingEntry[]): string {
  const rows = entries.map(({ path, type, metadata, default: value, isRequired }) => {
    const whenLeftOut = isRequired ? "**required**" : value === undefined ? "–" : `\`${JSON.stringify(value)}\``;
    const marks = [metadata.scope, ...(["critical", "restart", "secret"] as const).filter((mark) => metadata[mark])];
    const unit = metadata.unit === undefined || metadata.unit === "count" ? "" : `, ${metadata.unit}`;
    return `| \`${path}\` | ${metadata.purpose} | ${type}${unit} | ${whenLeftOut} | ${marks.join(", ")} |`;
  });
  return [`## ${title}`, "", "| Setting | Purpose | Type | Default | |", "|---|---|---|---|---|", ...rows, ""].join(
    "\n",
  );
}
