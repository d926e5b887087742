/** What became of one test. */
export interface CaseResult {
  readonly title: string;
  readonly status: "pass" | "fail" | "not possible";
  /** Why it is not possible, "" otherwise. */
  readonly because: string;
}

export interface ConformanceRun {
  /** Which code ran, and when. */
  readonly commit: string;
  readonly date: string;
  /** The server's own words, line by line. */
  readonly version: readonly string[];
  readonly results: readonly CaseResult[];
  /** Statements whose text for SQL Server was not run, as files under sql/sqlserver without `.sql`; empty on SQL Server itself. */
  readonly unproven: readonly string[];
}

const tableHead = "| case | what | result | code of commit |";
const unprovenList = /(These statements have another text on Babelfish[^\n]*\n\n)(?:- `sql[^\n]*\n)*/;

/**
 * docs/sqlserver-conformance.md after a run: the server's line, the rows of what ran, and the list of statements that were not run are
 * another; whatever else people have written there stays, also what a row says behind its result, and rows of what did not run.
 * Throws where the document has no table to write into.
 */
export function conformanceDocument(present: string, run: ConformanceRun): string {
  const at = present.indexOf(tableHead);
  if (at < 0) throw new TypeError(`docs/sqlserver-conformance.md holds no line "${tableHead}"`);
  const end = present.indexOf("\n\n", at);
  const [head = "", rule = "", ...rows] = present.slice(at, end).split("\n");
  const updated = run.results.reduce((lines, result) => withResult(lines, result, run), rows);
  const server = run.version.filter((line) => line !== "").join("; ");
  const whole = [present.slice(0, at), [head, rule, ...updated].join("\n"), present.slice(end)].join("");
  const list = run.unproven.map((name) => `- \`sql/sqlserver/${name}.sql\`\n`).join("");
  return whole
    .replace(/^Server: .*$/m, () => `Server: ${server}`)
    .replace(unprovenList, (_, introduction: string) => `${introduction}${list}`);
}

function withResult(
  rows: readonly string[],
  result: CaseResult,
  { commit, date }: Pick<ConformanceRun, "commit" | "date">,
): string[] {
  const [, number = "scripts", words = result.title] = /^case (\d+): (.*)$/.exec(result.title) ?? [];
  const beginning = `| ${number} | ${words} | `;
  const known = rows.findIndex((row) => row.startsWith(beginning));
  const note =
    /^(?:pass|fail|not possible)(.*) \| [^|]* \|$/.exec((rows[known] ?? "").slice(beginning.length))?.[1] ?? "";
  const outcome = result.because === "" ? `${result.status}${note}` : `${result.status}: ${result.because}`;
  const row = `${beginning}${outcome} | ${commit}, ${date} |`;
  return known < 0 ? [...rows, row] : rows.with(known, row);
}
