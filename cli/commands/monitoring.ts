import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { parse } from "yaml";
import { z } from "zod";
import { type MonitoredPair, renderMonitoringFiles } from "../../alert-rules/monitoring-files.js";
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
}

/** `sparesync monitoring`: what Prometheus and Alertmanager need for one's own pairs. */
export function addMonitoring(program: Command, { answer }: CommandContext): void {
  const monitoring = program.command("monitoring").description("configuration for Prometheus and Alertmanager");
  addOptions(monitoring.command("generate")).action(async (flags: GenerateFlags) => {
    const pairs = await groupPairs(flags.settings);
    const people = flags.people === undefined ? undefined : await readPeople(flags.people);
    const files = await writeFiles(pairs, flags, people);
    const { notices, lines } = describePairs(pairs);
    await answer({
      text: [...lines, ...files.map((file) => `written: ${file}`), ...notices.map((one) => `notice: ${one}`)].join(
        "\n",
      ),
      json: { ok: true, pairs: pairs.map(({ pair }) => pair), files, notices },
      exitCode: exitCodes.fine,
    });
  });
}

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
  people: Integrations | undefined,
): Promise<readonly string[]> {
  const rendered = renderMonitoringFiles(pairs, {
    alertmanagers: alertmanager.map(checkAddress),
    scrapeSeconds,
    secretsFolder: secretsFolder.replace(/\/+$/, ""),
    people,
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

async function readPeople(file: string): Promise<Integrations> {
  try {
    return integrations.parse(parse(await readFile(file, "utf8")));
  } catch (error) {
    const because = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : errorMessage(error);
    throw new AppError("REQUEST_INVALID", `--people ${file}: ${because}`, {
      hint: "write what stands in a receiver of Alertmanager beside its name, such as email_configs with a list",
    });
  }
}
