import { readFile } from "node:fs/promises";
import { z } from "zod";

/** The version of the package this program belongs to; the compiled program lies one folder deeper than its source. */
export async function readVersion(): Promise<string> {
  const packageFile = new URL("../../package.json", import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(packageFile, "utf8"))).version;
}
