import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** What `systemctl show` prints of a unit that only SpareSync starts. */
export const disabledUnit = {
  LoadState: "loaded",
  UnitFileState: "disabled",
  ActiveState: "inactive",
  TriggeredBy: "",
  TimeoutStopUSec: "10s",
};

/**
 * Makes a `systemctl` that knows one unit and prints its properties as the real one does (systemd 252, `show`); returns the
 * search path on which it comes first.
 */
export async function makeFakeSystemctl(
  folder: string,
  unit: Partial<Record<keyof typeof disabledUnit, string>> | "no systemd",
): Promise<string> {
  const bin = path.join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const file = path.join(bin, "systemctl");
  await writeFile(file, unit === "no systemd" ? notBooted : script({ ...disabledUnit, ...unit }));
  await chmod(file, 0o755);
  return `${bin}${path.delimiter}${process.env["PATH"] ?? ""}`;
}

const notBooted = `#!/bin/sh
echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2
exit 1
`;

function script(properties: Readonly<Record<string, string>>): string {
  const cases = Object.entries(properties).map(([name, value]) => `${name}) echo '${name}=${value}';;`);
  return `#!/bin/sh
for argument; do
  case "$argument" in --property=*) names="\${argument#--property=}";; esac
  [ "$before" = -p ] && names="$argument"
  before="$argument"
done
for name in $(echo "$names" | tr , ' '); do
  case "$name" in ${cases.join(" ")} esac
done
`;
}
