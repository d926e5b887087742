import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import path from "node:path";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { deletedFolder, ownFolder } from "../../actor/core/file-path.js";

/** A file with what a copy of it does not have. */
export interface AttributedFile {
  readonly path: string;
  readonly attributes: readonly string[];
}

export interface AttributedFiles {
  readonly count: number;
  /** So many of them as were asked for. */
  readonly files: readonly AttributedFile[];
}

/** Labels that the system gives to every file by the place where it stands; the other server gives its own. */
const ownOfSystem: ReadonlySet<string> = new Set(["security.selinux", "security.ima", "security.evm"]);
const escaped = /\\([0-7]{3})/g;

/**
 * Files of a folder with extended attributes (access lists and capabilities among them), as getfattr(1) of the package `attr`
 * tells: Node has no call for them. Rejects with FILE_FAILED where that program is missing or cannot read the folder.
 */
export async function findExtendedAttributes(
  root: string,
  limit: number,
  signal: AbortSignal,
): Promise<AttributedFiles> {
  const child = spawn("getfattr", ["--absolute-names", "-R", "-P", "-h", "-m", "-", root], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = `${complaint}${text}`.slice(0, 1000);
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  // It is waited for below, after what it wrote was read.
  ended.catch(() => undefined);
  const found = await collect(root, createInterface({ input: child.stdout }), limit);
  try {
    const [code] = await ended;
    if (code === 0) return found;
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT") throw cause;
    throw new AppError("FILE_FAILED", `Extended attributes cannot be looked for: ${errorMessage(cause)}.`, {
      cause,
      hint: "install the package attr, which has getfattr",
    });
  }
  throw new AppError("FILE_FAILED", `getfattr could not read all of ${root}: ${complaint.trim()}`);
}

async function collect(root: string, lines: AsyncIterable<string>, limit: number): Promise<AttributedFiles> {
  const files: AttributedFile[] = [];
  let count = 0;
  let file = "";
  let attributes: string[] = [];
  for await (const line of lines) {
    if (line.startsWith("# file: ")) {
      file = unescape(line.slice("# file: ".length));
      attributes = [];
    } else if (line !== "" && !ownOfSystem.has(line)) attributes.push(line);
    else if (line === "" && attributes.length > 0 && !isOurs(path.relative(root, file))) {
      count += 1;
      if (files.length < limit) files.push({ path: path.relative(root, file), attributes });
    }
  }
  return { count, files };
}

/** getfattr writes what is not printable as octal numbers. */
function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(escaped, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function isOurs(relative: string): boolean {
  const first = relative.split(path.sep)[0];
  return first === deletedFolder || first === ownFolder;
}
