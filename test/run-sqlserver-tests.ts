import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sql from "mssql";
import { closingLine, exitCode, type Outcome } from "./run-tests/outcome.js";
import { conformanceDocument, type CaseResult } from "./run-tests/sqlserver-document.js";
import { addressVariable, sqlServerAddress } from "./support/sqlserver-server.js";

/**
 * `npm run test:sqlserver`: the cases of conformance and the specials of SQL Server, against the server in
 * SPARESYNC_TEST_SQLSERVER. Closes with one line of numbers and the list of what was not proven on a real SQL Server;
 * `-- --document` writes the results into docs/sqlserver-conformance.md, `-- --only "case 12:"` runs what has that in its name.
 */

const root = resolve(import.meta.dirname, "../..");
const document = join(root, "docs/sqlserver-conformance.md");

interface JestTestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

async function main(): Promise<void> {
  const address = sqlServerAddress();
  if (!address) {
    console.log(`skipped: no server is given (${addressVariable}=sqlserver://user:password@host:1433?tls=encrypt)`);
    console.log(closingLine({ passed: 0, failed: 0, skipped: 1 }));
    return;
  }
  const pool = await new sql.ConnectionPool({
    server: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    options: { encrypt: address.tls !== "off", trustServerCertificate: address.tls !== "verify" },
  }).connect();
  const answer = await pool.request().query<{ version: string }>("SELECT CAST(@@VERSION AS nvarchar(400)) AS version");
  await pool.close();
  const version = (answer.recordset[0]?.version ?? "").split("\n").map((line) => line.trim());
  console.log(`server: ${version.join(" ")}`);
  const results = await runTests();
  const isBabelfish = version.join(" ").includes("Babelfish");
  const ran = { commit: commit(), date: new Date().toISOString().slice(0, 10) };
  const run = { ...ran, version, results, unproven: unprovenFiles(isBabelfish) };
  const text = conformanceDocument(readFileSync(document, "utf8"), run);
  console.log(text);
  if (process.argv.includes("--document")) writeFileSync(document, text);
  const count = (status: CaseResult["status"]): number => results.filter((result) => result.status === status).length;
  const outcome: Outcome = { passed: count("pass"), failed: count("fail"), skipped: count("not possible") };
  console.log(closingLine(outcome));
  process.exitCode = exitCode(outcome);
}

/** As Git names it; changes that are not committed are said. */
function commit(): string {
  const { stdout } = spawnSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" });
  return stdout.trim() || "an unknown commit";
}

/** Statements that Babelfish has texts of its own for: those of SQL Server were not run. */
function unprovenFiles(isBabelfish: boolean): readonly string[] {
  if (!isBabelfish) return [];
  const folder = join(root, "sql/sqlserver/babelfish");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((name) => name.endsWith(".sql")).map((name) => name.replace(/\.sql$/, ""));
}

async function runTests(): Promise<readonly CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "sparesync-sqlserver-"));
  const report = join(folder, "report.json");
  const notes: string[] = [];
  try {
    const jest = [
      "node_modules/jest/bin/jest.js",
      "dist/test/integration/sqlserver",
      "--json",
      `--outputFile=${report}`,
      ...onlyPattern(),
    ];
    await run([...jest, "--runInBand", "--testTimeout=600000"], (line) => notes.push(line));
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as JestTestReport;
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status !== "pending")
      .map(({ title, status }) => resultOf(title, status, notes));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function onlyPattern(): readonly string[] {
  const at = process.argv.indexOf("--only");
  return at < 0 ? [] : ["-t", process.argv[at + 1] ?? ""];
}

/** A case that is not possible passes, having said so. */
function resultOf(title: string, status: string, notes: readonly string[]): CaseResult {
  const number = /^case (\d+):/.exec(title)?.[1];
  const note = notes.find(
    (line) => number !== undefined && line.includes("not applicable on") && line.includes(`: case ${number}:`),
  );
  if (status !== "passed") return { title, status: "fail", because: "" };
  if (note === undefined) return { title, status: "pass", because: "" };
  return {
    title,
    status: "not possible",
    because: note
      .slice(note.indexOf(`: case ${number ?? ""}:`))
      .replace(/^: case \d+: /, "")
      .trim(),
  };
}

/** Runs Node with arguments in the project's folder, output shown and handed out line by line. */
function run(args: readonly string[], take: (line: string) => void): Promise<void> {
  return new Promise((done) => {
    const environment = { ...process.env, NODE_OPTIONS: "--experimental-vm-modules", NODE_NO_WARNINGS: "1" };
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        process.stderr.write(text);
        text.split("\n").forEach(take);
      });
    }
    child.on("close", () => {
      done();
    });
  });
}

await main();
