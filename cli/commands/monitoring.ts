import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { parse } from "yaml";
import { z } from "zod";
import {
  type MonitoredPair,
  type MonitoringOptions,
  renderMonitoringFiles,
} from "../../alert-rules/monitoring-files.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { formatHostAndPort, parseHostAndPort } from "../../shared/core/host-and-port.js";
import { exitCodes } from "../cli-io.js";
import { jsonOption, type CommandContext } from "../command.js";
import { refuseChanged, writeGenerated } from "../monitoring/generated-file.js";
import { describePairs, groupPairs } from "../monitoring/monitored-pairs.js";

interface GenerateFlags {
  readonly settings: readonly string[];
  readonly out: string;
  readonly alertmanager: readonly string[];
  readonly scrapeSeconds: number;
  readonly secretsFolder: string;
  readonly people?: string;
  readonly watchdog?: string;
}

/** `sparesync monitoring`: what Prometheus and Alertmanager need for one's own pairs. */
export function addMonitoring(program: Command, { answer }: CommandContext): void {
  const monitoring = program.command("monitoring").description("configuration for Prometheus and Alertmanager");
  addOptions(monitoring.command("generate")).action(async (flags: GenerateFlags) => {
    const pairs = await groupPairs(flags.settings);
    const receivers = {
      people: await readIntegrations("--people", flags.people),
      watchdog: await readIntegrations("--watchdog", flags.watchdog),
    };
    const files = await writeFiles(pairs, flags, receivers);
    const { notices: ofPairs, lines } = describePairs(pairs);
    const notices = [...ofPairs, ...(receivers.watchdog === undefined ? [noWatchdog] : [])];
    await answer({
      text: [...lines, ...files.map((file) => `written: ${file}`), ...notices.map((one) => `notice: ${one}`)].join(
        "\n",
      ),
      json: { ok: true, pairs: pairs.map(({ pair }) => pair), files, notices },
      exitCode: exitCodes.fine,
    });
  });
}

const noWatchdog =
  "no --watchdog FILE: nobody is called when Prometheus or Alertmanager dies; name a service outside that waits for a sign of life";

function addOptions(command: Command): Command {
  return command
    .description(
      "write rules, Alertmanager's routes and the scrape configuration for the pairs of these settings files",
    )
    .requiredOption("--settings <file...>", "settings files; of a pair one is enough, both are better")
    .requiredOption("--out <dir>", "folder for the files")
    .option("--alertmanager <host:port...>", "each Alertmanager, as Prometheus reaches it", ["127.0.0.1:9093"])
    .option("--scrape-seconds <seconds>", "how often Prometheus looks", readSeconds, 5)
    .option("--secrets-folder <dir>", "where their machine keeps tokens and certificates", "/etc/sparesync-monitoring")
    .option("--people <file>", "YAML with Alertmanager's integrations that reach people, such as email_configs")
    .option("--watchdog <file>", "the same for the service that calls when the alert Watchdog stays away")
    .option(...jsonOption);
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.1 && seconds <= 300) return seconds;
  throw new InvalidArgumentError("expected a number of seconds from 0.1 to 300");
}

async function writeFiles(
  pairs: readonly MonitoredPair[],
  { out, alertmanager, scrapeSeconds, secretsFolder }: GenerateFlags,
  receivers: Pick<MonitoringOptions, "people" | "watchdog">,
): Promise<readonly string[]> {
  const rendered = renderMonitoringFiles(pairs, {
    alertmanagers: alertmanager.map(checkAddress),
    scrapeSeconds,
    secretsFolder: secretsFolder.replace(/\/+$/, ""),
    ...receivers,
  });
  const files = Object.entries(rendered).map(([name, content]) => ({ file: path.resolve(out, name), content }));
  for (const { file } of files) await refuseChanged(file);
  await mkdir(out, { recursive: true });
  for (const { file, content } of files) await writeGenerated(file, content);
  return files.map(({ file }) => file);
}

function checkAddress(text: string): string {
  const address = parseHostAndPort(text, 9093);
  if (address !== undefined) return formatHostAndPort(address);
  throw new AppError("REQUEST_INVALID", `--alertmanager ${text}: is not of the form host:port`);
}

const integrations = z.record(z.string().regex(/^[a-z]+_configs$/), z.array(z.looseObject({})).min(1));
type Integrations = z.output<typeof integrations>;

async function readIntegrations(flag: string, file: string | undefined): Promise<Integrations | undefined> {
  if (file === undefined) return undefined;
  try {
    return integrations.parse(parse(await readFile(file, "utf8")));
  } catch (error) {
    const because = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : errorMessage(error);
    throw new AppError("REQUEST_INVALID", `${flag} ${file}: ${because}`, {
      hint: "write what stands in a receiver of Alertmanager beside its name, such as email_configs with a list",
    });
  }
}
