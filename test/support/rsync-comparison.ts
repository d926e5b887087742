import { runProgram } from "./run-program.js";

/**
 * What differs between two folders in the eyes of rsync, which has no code in common with the product: one line each
 * (rsync(1), --itemize-changes), empty when nothing does. Content, kinds, links, modes, owners, times (whole seconds),
 * extended attributes; on both sides. SpareSync's own folders and special files are left out.
 */
export async function rsyncDifferences(
  source: string,
  target: string,
  leftOut: readonly string[] = [],
): Promise<string[]> {
  const own = ["--exclude=/.deleted", "--exclude=/.sparesync", ...leftOut.map((name) => `--exclude=/${name}`)];
  const wishes = ["-n", "-aXi", "--checksum", "--delete", "--no-specials", "--no-devices", "--info=nonreg0"];
  const { exitCode, output } = await runProgram("rsync", [...wishes, ...own, `${source}/`, `${target}/`]);
  // 23 and 24: something could not be read, or vanished, while it was looked at: also a difference, named in the output.
  if (exitCode !== 0 && output === "") throw new Error(`rsync ended with ${String(exitCode)}`);
  return output.split("\n").filter((line) => line !== "");
}
