import path from "node:path";
import type { Finding } from "../../shared/check/finding.js";
import { readProgram } from "./read-program.js";

interface StartCommand {
  readonly name: string;
  readonly start: readonly string[];
}

interface UnitLimits {
  /** The setting that names the units. */
  readonly key: string;
  /** The time that their stop surely has. */
  readonly limitSeconds: number;
  readonly searchPath: string;
}

/** What systemd says of a unit, by property (systemctl(1), `show`). */
type Properties = ReadonlyMap<string, string>;

const properties = ["LoadState", "UnitFileState", "TriggeredBy", "TimeoutStopUSec"] as const;
/** States of systemctl(1), `is-enabled`, in which the unit is started when the machine boots. */
const autostarted = ["enabled", "enabled-runtime", "alias"];
/** In these it is started if another unit asks for it; which one is not said. */
const startedByOthers = ["static", "indirect", "generated", "transient"];

/**
 * What systemd knows of the units that a start command starts, where that speaks against SpareSync being the only one
 * that starts them, or against their stopping in time. Undefined when the command is not systemd's.
 */
export async function examineSystemdUnits(
  { start }: StartCommand,
  { key, limitSeconds, searchPath }: UnitLimits,
): Promise<readonly Finding[] | undefined> {
  const command = systemctlCommand(start);
  if (!command) return undefined;
  const findings: Finding[] = [];
  for (const unit of command.units) {
    const show = [...command.program, "show", `--property=${properties.join(",")}`, "--", unit];
    const { exitCode, stdout, stderr } = await readProgram(show, searchPath);
    if (exitCode === 0) {
      findings.push(...judgeUnit(unit, parseProperties(stdout), limitSeconds).map((finding) => ({ key, ...finding })));
      continue;
    }
    const message = `whether systemd starts ${unit} by itself cannot be seen: ${firstLine(stderr)}`;
    const hint = `run this check where systemd runs; systemctl is-enabled ${unit} must say disabled`;
    findings.push({ key, grade: "notice", message, hint });
  }
  return findings;
}

/** "systemctl --user start web.service" with whatever stands before it; undefined for other commands. */
function systemctlCommand(
  command: readonly string[],
): { readonly program: readonly string[]; readonly units: readonly string[] } | undefined {
  const at = command.findIndex((argument) => path.basename(argument) === "systemctl");
  const verb = command.findIndex((argument, index) => index > at && /^(re)?start$/.test(argument));
  if (at < 0 || verb < 0) return undefined;
  const isOption = (argument: string): boolean => argument.startsWith("-");
  return {
    program: command.slice(at, verb),
    units: command.slice(verb + 1).filter((argument) => !isOption(argument)),
  };
}

function judgeUnit(unit: string, seen: Properties, limitSeconds: number): readonly Omit<Finding, "key">[] {
  if (seen.get("LoadState") === "not-found") {
    const message = `systemd knows no unit ${unit}`;
    return [{ grade: "problem", message, hint: "correct its name, or install it on this server" }];
  }
  const findings: Omit<Finding, "key">[] = [];
  const fileState = seen.get("UnitFileState") ?? "";
  if (autostarted.includes(fileState)) {
    const message = `systemd starts ${unit} by itself when this server boots (${fileState}); only SpareSync may start it`;
    findings.push({ grade: "problem", message, hint: `systemctl disable ${unit}` });
  } else if (startedByOthers.includes(fileState)) {
    const message = `${unit} is ${fileState} in systemd: another unit may start it; only SpareSync may`;
    const hint = `look at systemctl list-dependencies --reverse ${unit} and disable what starts it`;
    findings.push({ grade: "notice", message, hint });
  }
  const triggers = seen.get("TriggeredBy") ?? "";
  if (triggers !== "") {
    const message = `systemd also starts ${unit} when told by ${triggers}; only SpareSync may start it`;
    findings.push({ grade: "problem", message, hint: `systemctl disable --now ${triggers}` });
  }
  const stopSeconds = parseTimeSpan(seen.get("TimeoutStopUSec") ?? "");
  if (stopSeconds > limitSeconds) {
    const patience = Number.isFinite(stopSeconds) ? `for ${stopSeconds} s` : "without an end";
    const message =
      `systemd waits ${patience} until ${unit} has stopped, and of ownership.stopSeconds it surely has ` +
      `${Math.floor(limitSeconds * 10) / 10} s: a slow stop is then cut short`;
    const hint = `set TimeoutStopSec of the unit below that, or ownership.stopSeconds higher on both servers`;
    findings.push({ grade: "notice", message, hint });
  }
  return findings;
}

function parseProperties(text: string): Properties {
  const lines = text.split("\n").filter((line) => line.includes("="));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1).trim()]));
}

const secondsOf: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  month: 2_629_800,
  y: 31_557_600,
};

/** Seconds of "1min 30s" (systemd.time(7)); Infinity for "infinity"; 0 for what is not understood. */
function parseTimeSpan(text: string): number {
  if (text === "infinity") return Infinity;
  const parts = [...text.matchAll(/([\d.]+)\s*([a-z]+)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (secondsOf[unit ?? ""] ?? 0), 0);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
