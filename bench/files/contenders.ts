import type { Contender } from "./contender.js";
import { lsyncd } from "./contenders/lsyncd.js";
import { rsync } from "./contenders/rsync.js";
import { sparesync } from "./contenders/sparesync.js";
import { syncthing } from "./contenders/syncthing.js";

/** Everybody who is measured, by the names that goals and results use. */
export const contenders: readonly Contender[] = [
  sparesync,
  rsync({ name: "rsync", isEncrypted: false }),
  rsync({ name: "rsync-fsync", flags: ["--fsync"], isEncrypted: false }),
  rsync({ name: "rsync-mtls", isEncrypted: true }),
  rsync({ name: "rsync-mtls-fsync", flags: ["--fsync"], isEncrypted: true }),
  rsync({ name: "rsync-mtls-inplace", flags: ["--inplace", "--no-whole-file"], isEncrypted: true }),
  lsyncd,
  syncthing,
];

export function contenderNamed(name: string): Contender {
  const found = contenders.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no contender ${name}`);
  return found;
}
