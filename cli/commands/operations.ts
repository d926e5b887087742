import type { Command } from "commander";
import { readOperation, readOperations, requestOperation, toJson } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { addWaitOptions, finishOrFollow, type OperationFlags } from "../ask-for-operation.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { formatOperation, formatOperations } from "../operation-text.js";

/** `sparesync operations`: lists operations, shows one, or retries the step at which one asks a person. */
export function addOperations(program: Command, { io, answer }: CommandContext): void {
  const operations = program.command("operations").description("show or retry operations");
  addAdminOptions(operations.command("list", { isDefault: true }).description("all operations, newest first")).action(
    async (flags: AdminFlags) => {
      const all = await readOperations(await openAdminClient(flags, io));
      await answer({
        text: formatOperations(all),
        json: { ok: true, operations: all.map(toJson) },
        exitCode: exitCodes.fine,
      });
    },
  );
  addAdminOptions(operations.command("show <id>").description("one operation with its steps")).action(
    async (id: string, flags: AdminFlags) => {
      const operation = await readOperation(await openAdminClient(flags, io), id);
      await answer({
        text: formatOperation(operation),
        json: { ok: true, operation: toJson(operation) },
        exitCode: exitCodes.fine,
      });
    },
  );
  const retry = operations.command("retry <id>").description("run the step again at which it asks a person");
  addAdminOptions(addWaitOptions(retry)).action(async (id: string, flags: OperationFlags) => {
    const client = await openAdminClient(flags, io);
    const accepted = await requestOperation(client, `/v1/operations/${encodeURIComponent(id)}/retry`, {});
    await answer(await finishOrFollow(client, accepted.operation, flags, io));
  });
}
