import { createHash } from "node:crypto";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import { AppError } from "../../shared/core/app-error.js";

const mark = "# Made by `sparesync monitoring generate`; it writes over this file as long as nobody has changed it: ";

/** The content with a first line by which a later change is noticed. */
export function sealed(content: string): string {
  return `${mark}${digestOf(content)}\n${content}`;
}

/** Whether a text is as it was made. */
export function isUntouched(text: string): boolean {
  const [first = "", ...rest] = text.split("\n");
  return first === `${mark}${digestOf(rest.join("\n"))}`;
}

function digestOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/** Rejects with FILE_FAILED when there is a file that a person has changed, or that is not ours. */
export async function refuseChanged(file: string): Promise<void> {
  const text = await readFileIfExists(file);
  if (text === undefined || isUntouched(text)) return;
  throw new AppError(
    "FILE_FAILED",
    `nothing was written: ${file} was changed by hand, or was not made by this command`,
    {
      hint: "keep your changes elsewhere (receivers in a file for --people), or name another folder with --out",
    },
  );
}

/** Writes one generated file; readable by the user that Prometheus runs as. */
export async function writeGenerated(file: string, content: string): Promise<void> {
  await writeFileAtomically(file, sealed(content), 0o644);
}
