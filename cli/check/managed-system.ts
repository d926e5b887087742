import path from "node:path";
import type { Finding } from "../../shared/check/finding.js";
import type { ManagedSystemSettings, Settings } from "../../shared/core/settings/settings.js";
import { surelyForStopSeconds } from "../../shared/core/stop-time.js";
import { isProgramThere } from "./read-program.js";
import { examineSystemdUnits } from "./systemd-units.js";

type Control = ManagedSystemSettings["controls"][number];
type CommandControl = Extract<Control, { readonly kind: "command" }>;

const verbs = ["start", "stop", "kill", "status"] as const;

/**
 * Examines that the programs of the controls are there, that nothing but SpareSync starts what they start, and that it is
 * stopped within `ownership.stopSeconds`. Runs none of them; of systemd it only asks what it knows.
 */
export async function examineManagedSystem(settings: Settings, searchPath: string): Promise<readonly Finding[]> {
  const { controls } = settings.managedSystem;
  const { stopSeconds } = settings.ownership;
  const findings: Finding[] = [];
  for (const [index, control] of controls.entries()) {
    if (control.kind !== "command") continue;
    const key = `managedSystem.controls[${index}]`;
    const limitSeconds = surelyForStopSeconds(stopSeconds, controls.length, control.kill !== undefined);
    findings.push(...(await examinePrograms(control, key, searchPath)), ...examineKill(control, key, stopSeconds));
    const ofUnits = await examineSystemdUnits(control, { key: `${key}.start`, limitSeconds, searchPath });
    findings.push(...(ofUnits ?? [cannotSeeAutostart(control, key)]));
  }
  return findings;
}

async function examinePrograms(control: CommandControl, key: string, searchPath: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const verb of verbs) {
    const program = control[verb]?.[0];
    if (program === undefined) continue;
    if (!(await isProgramThere(program, searchPath))) {
      const message = `the ${verb} command of ${control.name} cannot be run: there is no program ${program}`;
      const hint = "install it, or give its absolute path";
      findings.push({ key: `${key}.${verb}`, grade: "problem", message, hint });
    } else if (/[\\/]/.test(program) && !path.isAbsolute(program)) {
      const message = `${program} is looked for in the folder in which the actor is started, which may be another one`;
      findings.push({ key: `${key}.${verb}`, grade: "notice", message, hint: "give its absolute path" });
    }
  }
  return findings;
}

/** The bound of stopping holds only where something ends what does not stop (docs/ownership.md 3 and 6). */
function examineKill({ name, kill }: CommandControl, key: string, stopSeconds: number): readonly Finding[] {
  if (kill !== undefined) return [];
  const message =
    `nothing ends ${name} when stop does not: that it is stopped within ${stopSeconds} s (ownership.stopSeconds), ` +
    "after which the other server may take over, is an assumption";
  return [{ key, grade: "notice", message, hint: "set kill to a command that surely ends it" }];
}

function cannotSeeAutostart({ name }: CommandControl, key: string): Finding {
  const message = `it cannot be seen here whether ${name} also starts by itself`;
  const hint = "make sure that only SpareSync starts it: no autostart, no scheduler, no restart policy";
  return { key, grade: "notice", message, hint };
}
