import { readFile } from "node:fs/promises";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { readSecretFile } from "../../shared/secret-file.js";
import { createEtcdWitness } from "./etcd-witness.js";
import type { WitnessPort } from "./witness-port.js";

/** The witness of the settings with what its files hold; undefined where none is set. Rejects when a file cannot be read. */
export async function openWitness(
  { pair, witness }: Pick<Settings, "pair" | "witness">,
  clock: ClockPort,
): Promise<WitnessPort | undefined> {
  if (!witness) return undefined;
  const { caFile, certificateFile, privateKeyFile, passwordFile, user } = witness;
  const secrets = {
    password: user === "" ? undefined : await readSecretFile(passwordFile),
    ca: caFile === undefined ? undefined : await readFile(caFile, "utf8"),
    certificate: certificateFile === undefined ? undefined : await readFile(certificateFile, "utf8"),
    privateKey: privateKeyFile === undefined ? undefined : await readSecretFile(privateKeyFile),
  };
  return createEtcdWitness({ settings: witness, secrets, pair, clock });
}
