import path from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { FolderSettings, Settings } from "../../shared/core/settings/settings.js";
import { readSettings } from "../../shared/settings-file.js";
import { readActorStatus } from "../../shared/status-client.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes, UsageError, type CommandResult } from "../cli-io.js";
import { jsonOption, settingsOption, type CommandContext } from "../command.js";
import { addAnalyse } from "../files/analyse-folders.js";
import { findDeletedFile, listDeletedFiles, restoreDeletedFile, type DeletedFile } from "../files/deleted-files.js";
import { findExtendedAttributes } from "../files/extended-attributes.js";
import { showFolders } from "../files/follow-folders.js";
import { formatBytes, formatTable, formatTime } from "../text-table.js";

const statusLimitSeconds = 5;
/** More of a folder are only counted. */
const attributedFiles = 1000;

interface DeletedFlags {
  readonly settings: string;
  readonly folder?: string;
  readonly held?: boolean;
}

/** `sparesync files`: what was deleted and kept, what cannot be synchronised, and approving what looked like a loss. */
export function addFiles(program: Command, context: CommandContext): void {
  const files = program
    .command("files")
    .description("progress, comparing now, deleted files, errors of single files, approving a removal");
  addDeleted(files.command("deleted").description("files that were deleted or overwritten on this server"), context);
  addFolders(files, context);
  addErrors(files, context);
  addAttributes(files, context);
  addAnalyse(files, context);
  addApprove(files, context);
}

function addDeleted(deleted: Command, { answer }: CommandContext): void {
  deleted
    .command("list", { isDefault: true })
    .description("what .deleted of this server holds, newest first")
    .requiredOption(...settingsOption)
    .option("--folder <name>", "only this folder")
    .option("--held", "only what a reverse synchronisation has replaced and nobody has looked at")
    .option(...jsonOption)
    .action(async (flags: DeletedFlags) => {
      const all = await listAll((await readSettings(flags.settings)).settings, flags.folder);
      await answer(describeDeleted(flags.held === true ? all.filter(({ isHeld }) => isHeld === true) : all));
    });
  deleted
    .command("restore <path>")
    .description("copy a file back: to where it stood if this server is active, else to the place given")
    .requiredOption(...settingsOption)
    .option("--folder <name>", "the folder it stood in, where there are several")
    .option("--to <file>", "where to; nothing may stand there")
    .option(...jsonOption)
    .action(async (name: string, flags: DeletedFlags & { readonly to?: string }) => {
      const { settings } = await readSettings(flags.settings);
      const file = findDeletedFile(await listAll(settings, flags.folder), name);
      const root = folderNamed(settings, file.folder).path;
      if (flags.to === undefined) await requireActive(settings);
      const destination = flags.to === undefined ? undefined : path.resolve(flags.to);
      await restoreDeletedFile(root, file, destination);
      const restoredTo = destination ?? path.join(root, file.of);
      const json = { ok: true, file: toJson(file), restoredTo };
      await answer({ text: `restored to ${restoredTo}`, json, exitCode: exitCodes.fine });
    });
}

async function listAll(settings: Settings, name: string | undefined): Promise<DeletedFile[]> {
  const folders = name === undefined ? settings.folders : [folderNamed(settings, name)];
  const lists = await Promise.all(folders.map((folder) => listDeletedFiles(folder.name, folder.path)));
  return lists.flat();
}

function folderNamed(settings: Settings, name: string): FolderSettings {
  const folder = settings.folders.find((one) => one.name === name);
  if (folder !== undefined) return folder;
  throw new UsageError(`--folder ${name}: the folders are ${settings.folders.map((one) => one.name).join(", ")}`);
}

/** What is put into a target's folder is not on the source: the next analysis would take it away again. */
async function requireActive(settings: Settings): Promise<void> {
  const hint = "give a place with --to, and copy the file from there to the active server";
  const status = await readActorStatus(settings.stateDirectory, statusLimitSeconds).catch((error: unknown) => {
    if (errorCode(error) !== "ACTOR_UNREACHABLE" && errorCode(error) !== "DEADLINE_EXCEEDED") throw error;
    throw new AppError("OPERATION_REFUSED", "Whether this server is active is not known: its actor does not answer.", {
      cause: error,
      hint,
    });
  });
  if (status.active === settings.server) return;
  throw new AppError("OPERATION_REFUSED", "This server is not active: the file would be removed again.", { hint });
}

function describeDeleted(files: readonly DeletedFile[]): CommandResult {
  const rows = files.map((file) => [
    formatTime(file.deletedAtMs),
    file.isHeld === true ? `${file.reason}, held` : file.reason,
    formatBytes(file.bytes),
    file.folder,
    file.path === file.of ? JSON.stringify(file.path) : `${JSON.stringify(file.path)} (was ${JSON.stringify(file.of)})`,
  ]);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const end = `${files.length} files, ${formatBytes(bytes)}`;
  return {
    text: rows.length === 0 ? "nothing was deleted or overwritten here" : `${formatTable(rows)}\n${end}`,
    json: { ok: true, files: files.map(toJson), bytes },
    exitCode: exitCodes.fine,
  };
}

function addFolders(files: Command, { io, answer }: CommandContext): void {
  const command = files
    .command("status")
    .description("how far each folder is")
    .option("--follow", "show the progress until all folders are whole copies");
  addAdminOptions(command).action(async ({ follow, ...flags }: AdminFlags & { readonly follow?: boolean }) => {
    const client = await openAdminClient(flags, io);
    await answer(await showFolders(client, io, { isFollowed: follow === true }));
  });
}

const questionAnswer = z.object({
  because: z.string(),
  shown: z.string(),
  files: z.number(),
  folders: z.array(z.object({ folder: z.string(), files: z.number() })),
  examples: z.array(z.string()),
});
type Question = z.output<typeof questionAnswer>;

const errorsAnswer = z.object({
  folders: z.array(
    z.object({
      name: z.string(),
      warnings: z.number(),
      pathsRefused: z.number(),
      paths: z.array(z.object({ path: z.string(), kind: z.string(), because: z.string(), attempts: z.number() })),
      question: questionAnswer.optional(),
    }),
  ),
});

function addErrors(files: Command, { io, answer }: CommandContext): void {
  addAdminOptions(files.command("errors").description("files that cannot be synchronised, with the reasons")).action(
    async (flags: AdminFlags) => {
      const client = await openAdminClient(flags, io);
      const { folders } = understand(errorsAnswer, await client.get("/v1/files"), client);
      const rows = folders.flatMap(({ name, paths }) =>
        paths.map((one) => [name, one.kind, `${one.attempts} attempts`, JSON.stringify(one.path), one.because]),
      );
      const more = folders.reduce((sum, { warnings, paths }) => sum + Math.max(0, warnings - paths.length), 0);
      const text = [
        rows.length === 0 ? "no file has an error" : formatTable(rows),
        ...(more === 0 ? [] : [`and ${more} more`]),
      ].join("\n");
      const isFine = folders.every(({ warnings }) => warnings === 0);
      await answer({
        text,
        json: { ok: isFine, folders: folders.map(toJson) },
        exitCode: isFine ? exitCodes.fine : exitCodes.problem,
      });
    },
  );
}

function addAttributes(files: Command, { io, answer }: CommandContext): void {
  files
    .command("attributes")
    .description("files with extended attributes or access lists; kept on Linux, see docs/files.md")
    .requiredOption(...settingsOption)
    .option("--folder <name>", "only this folder")
    .option(...jsonOption)
    .action(async (flags: Pick<DeletedFlags, "settings" | "folder">) => {
      const { settings } = await readSettings(flags.settings);
      const folders = flags.folder === undefined ? settings.folders : [folderNamed(settings, flags.folder)];
      const found = [];
      for (const { name, path: root } of folders) {
        found.push({ name, ...(await findExtendedAttributes(root, attributedFiles, io.interruption())) });
      }
      const rows = found.flatMap(({ name, files: named }) =>
        named.map((one) => [name, JSON.stringify(one.path), one.attributes.join(", ")]),
      );
      const count = found.reduce((sum, one) => sum + one.count, 0);
      const more = count > rows.length ? `\nand ${count - rows.length} more` : "";
      await answer({
        text: count === 0 ? "no file has extended attributes" : `${formatTable(rows)}${more}`,
        json: { ok: true, folders: found.map(toJson) },
        exitCode: exitCodes.fine,
      });
    });
}

interface ApproveFlags extends AdminFlags {
  readonly shown?: string;
}

/** In two steps, so that a person, or a program, approves what it has seen and nothing else. */
function addApprove(files: Command, { io, answer }: CommandContext): void {
  const command = files
    .command("approve <folder>")
    .description(
      "say that what is missing on the source was really removed, or on the target that its disk was replaced",
    );
  command.option(
    "--shown <fingerprint>",
    "of what this command has shown without it: that is approved, and nothing else",
  );
  addAdminOptions(command).action(async (folder: string, { shown, ...flags }: ApproveFlags) => {
    const client = await openAdminClient(flags, io);
    if (shown === undefined) {
      const { folders } = understand(errorsAnswer, await client.get("/v1/files"), client);
      const question = folders.find(({ name }) => name === folder)?.question;
      if (question !== undefined) {
        await answer(describeQuestion(folder, question));
        return;
      }
    }
    const body = shown === undefined ? { folder } : { folder, shown };
    const json = { ok: true, answer: toJson(await client.post("/v1/files/approve", body)) };
    await answer({ text: `approved: ${folder} is synchronised as it is now`, json, exitCode: exitCodes.fine });
  });
}

/** Nothing is approved yet. */
function describeQuestion(folder: string, question: Question): CommandResult {
  const { because, shown, files, folders, examples } = question;
  const lines = [
    `${folder}: ${because}`,
    `${files} files would go from the target${files === 0 ? "" : ":"}`,
    ...folders.map(
      (one) => `  ${one.files} from ${one.folder === "" ? "the folder itself" : JSON.stringify(one.folder)}`,
    ),
    ...(examples.length === 0 ? [] : ["among them:", ...examples.map((one) => `  ${JSON.stringify(one)}`)]),
    "Nothing is approved yet. If that is as it should be, the same command with:",
    `  --shown ${shown}`,
  ];
  return { text: lines.join("\n"), json: { ok: false, question: toJson(question) }, exitCode: exitCodes.problem };
}
