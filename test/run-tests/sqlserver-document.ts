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
  readonly isBabelfish: boolean;
  readonly results: readonly CaseResult[];
  /** Statements whose text for SQL Server was not run, as files under sql/sqlserver without `.sql`. */
  readonly unproven: readonly string[];
}

/** What Babelfish takes and does not act on, or does not know, beyond the statements it has texts of its own for. */
const notActedOn = [
  "`gate/disable-trigger`, `gate/disable-foreign-key`, `promote/enable-…`, `promote/trust-foreign-key`: a replica silences both instead",
  "`install/allow-snapshots`, `remove/forbid-snapshots`: ALTER DATABASE is not understood, snapshots just work",
  "`query/sequence-objects`, `promote/sequence-objects`, `promote/restart-sequence`: there is no sys.sequences",
  "points without snapshots (READ COMMITTED below MIN_ACTIVE_ROWVERSION), and that a comparison is refused then: always with snapshots there",
  "`MERGE`: not known there, so case 11 leaves its merge out, and a merge was never run against our triggers on SQL Server",
  "`query/durability`, `query/flush-log`: DELAYED_DURABILITY and `sp_flush_log` are not known there; a test sees that each transaction of ours ends with the flush",
  "the order of triggers: `sp_settriggerorder` is not known there; on a model that follows its documentation, first and last triggers stay so from installation to removal, over every move of the gates and a promotion",
  "error 334 (OUTPUT without INTO), error 3961, `nested triggers`, memory-optimised, temporal, graph and ledger tables",
  "hierarchyid, geography, geometry; the seventh digit of datetime2, datetimeoffset and time",
  "in a table without a key, a character beyond U+FFFF in an nchar column: Babelfish fills up by characters and sends UTF-16 units, so the row that arrives has another image and is doubled by its next point",
];

/** docs/sqlserver-conformance.md. */
export function conformanceDocument(run: ConformanceRun): string {
  const rows = run.results.map(({ title, status, because }) => {
    const [, number = "", words = title] = /^case (\d+): (.*)$/.exec(title) ?? [];
    return `| ${number} | ${words} | ${because === "" ? status : `${status}: ${because}`} |`;
  });
  const server = run.version.filter((line) => line !== "").join("; ");
  const unproven = run.isBabelfish
    ? [
        "## Not proven on a real SQL Server",
        "",
        "No SQL Server was at hand. These statements have another text on Babelfish, so that theirs for SQL Server were not run:",
        "",
        ...run.unproven.map((name) => `- \`sql/sqlserver/${name}.sql\``),
        "",
        "And these are taken there without effect, or never asked for:",
        "",
        ...notActedOn.map((line) => `- ${line}`),
        "",
      ]
    : [];
  return [
    "# Conformance on SQL Server",
    "",
    `Server: ${server}`,
    "",
    `Ran on ${run.date} with the code of ${run.commit}.`,
    "",
    "Command: `npm run test:sqlserver -- --document`, with the address in `SPARESYNC_TEST_SQLSERVER`. Two databases are",
    "created there and dropped. The cases are those of every engine (`test/contract/conformance`). On Babelfish the right",
    "`GRANT SET ON PARAMETER session_replication_role` is given on its PostgreSQL side before.",
    "",
    "| case | what | result |",
    "|---|---|---|",
    ...rows,
    "",
    ...unproven,
  ].join("\n");
}
