import { existsSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { Demonstration } from "./demonstration.js";
import { urlHost } from "./layout.js";
import { canAlertmanagerAsk } from "./monitoring.js";
import { logTail } from "./processes.js";
import { type DemonstrationResult, shortcomings } from "./result.js";
import type { AskedBy } from "./server-settings.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";

const usage = `usage: npm run demo -- [--json] [--folder PATH] [--keep] [--ask alertmanager|watch]

  --json              the timeline on stderr; the last line on stdout is the result as one JSON object
  --folder PATH       a folder whose content is copied and used as the upload folder's content
  --keep              leaves everything running and prints the addresses; Ctrl-C ends it
  --ask alertmanager  only the real Prometheus and Alertmanager ask for the failover`;

interface Options {
  readonly json: boolean;
  readonly keep: boolean;
  readonly folder: string | undefined;
  readonly askedBy: AskedBy;
}

class UsageError extends Error {}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      folder: { type: "string" },
      ask: { type: "string", default: "both" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) throw new UsageError(usage);
  const { folder, ask } = values;
  if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory())) {
    throw new UsageError(`--folder ${folder}: there is no such folder`);
  }
  if (ask !== "both" && ask !== "alertmanager" && ask !== "watch")
    throw new UsageError(`--ask ${ask}: not known\n\n${usage}`);
  if (ask === "alertmanager" && !canAlertmanagerAsk()) {
    throw new UsageError(
      "--ask alertmanager needs prometheus and prometheus-alertmanager (or alertmanager) on the PATH",
    );
  }
  return { json: values.json, keep: values.keep, folder, askedBy: ask };
}

async function main(): Promise<number> {
  const options = readOptions();
  const timeline = new Timeline(options.json ? process.stderr : process.stdout);
  const stage = await Stage.set(options.folder);
  const interrupted = endWhenTold(stage);
  try {
    const result = await Promise.race([new Demonstration(stage, timeline).run(options.askedBy), interrupted]);
    if (typeof result === "number") return result;
    const wrong = report(result, timeline, options);
    if (options.keep) {
      tellAddresses(stage, timeline);
      await interrupted;
    }
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    timeline.endLive();
    console.error(
      `\nThe demonstration failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    for (const file of stage.actorLogs) console.error(`--- ${file}\n${logTail(file)}`);
    return 1;
  } finally {
    await stage.end();
  }
}

/** Resolves, to the exit code, once a signal came or nobody reads the output any more; the caller then ends everything. */
function endWhenTold(stage: Stage): Promise<number> {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const brokenPipeCode = 141;
  return new Promise((resolve) => {
    // `npm run demo | head`: Node ignores SIGPIPE and reports EPIPE instead, for each line written from then on.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", () => {
        resolve(brokenPipeCode);
      });
    }
    for (const [signal, code] of Object.entries(codes)) {
      process.on(signal, () => {
        resolve(code);
      });
    }
    // npm starts programs through a shell, which dies of SIGTERM without telling us.
    const parent = process.ppid;
    if (process.env["npm_lifecycle_event"] === "demo") {
      const timer = setInterval(() => {
        if (process.ppid !== parent) resolve(codes.SIGTERM);
      }, 500);
      timer.unref();
    }
    process.on("uncaughtException", (error) => {
      console.error(error);
      void stage.end().finally(() => process.exit(1));
    });
  });
}

function report(result: DemonstrationResult, timeline: Timeline, options: Options): readonly string[] {
  const wrong = shortcomings(result);
  timeline.chapter("Result");
  for (const [name, value] of Object.entries(result)) timeline.tell("", `${name.padEnd(28)} ${shown(value)}`);
  for (const sentence of wrong) timeline.tell("", sentence, "red");
  if (wrong.length === 0) timeline.tell("", "Everything that was acknowledged is where it has to be.", "green");
  if (options.json) console.log(JSON.stringify(rounded(result)));
  return wrong;
}

function shown(value: unknown): string {
  return typeof value === "number" && !Number.isInteger(value) ? value.toFixed(2) : String(value);
}

function rounded(result: DemonstrationResult): Readonly<Record<string, unknown>> {
  const round = (value: unknown): unknown => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value);
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, round(value)]));
}

function tellAddresses(stage: Stage, timeline: Timeline): void {
  const { servers, nameServer, applicationPort, folder, prometheusPort } = stage.layout;
  timeline.chapter("Everything is left running; Ctrl-C ends it and removes its files");
  for (const { server, host, adminPort, exporterPort } of Object.values(servers)) {
    timeline.tell(server, `application http://${urlHost(host)}:${String(applicationPort)}/health`);
    timeline.tell(server, `actor       http://${urlHost(host)}:${String(adminPort)}/v1/status`);
    timeline.tell(server, `exporter    https://${urlHost(host)}:${String(exporterPort)}/metrics`);
    timeline.tell(server, `settings    ${stage.pair.settingsFiles[server as "primary"]}`);
  }
  timeline.tell("name server", `${nameServer.host} port ${String(nameServer.port)}`);
  timeline.tell("prometheus", `http://127.0.0.1:${String(prometheusPort)} (where it is on the PATH)`);
  timeline.tell("tokens", stage.pair.tokensFile);
  timeline.tell("folder", folder);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
// Sockets of requests that were given up must not hold the process.
process.exit();
