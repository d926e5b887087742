import type { Command } from "commander";
import { readOperation, readOperations, requestOperation, toJson } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { addWaitOptions, finishOrFollow, type OperationFlags } from "../ask-for-operation.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { reportOperation } from "../../actor/core/by-hand.js";
import { formatByHand, formatOperation, formatOperations } from "../operation-text.js";

/** `sparesync operations`: lists operations, shows or undoes one, or retries the step at which one asks a person. */
export function addOperations(program: Command, { io, answer }: CommandContext): void {
  const operations = program.command("operations").description("show, undo or retry operations");
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
        text: `${formatOperation(operation)}${formatByHand(operation)}`,
        json: { ok: true, operation: toJson(operation), report: toJson(reportOperation(operation)) },
        exitCode: exitCodes.fine,
      });
    },
  );
  addAdminOptions(
    operations.command("abort <id>").description("undo an operation that has not passed its point of no return"),
  ).action(async (id: string, flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const { operation } = await requestOperation(client, `/v1/operations/${encodeURIComponent(id)}/abort`, {});
    await answer({
      text: `${operation.kind} ${operation.id} is ${operation.state}; sparesync operations show ${operation.id}`,
      json: { ok: true, operation: toJson(operation) },
      exitCode: exitCodes.fine,
    });
  });
  const retry = operations.command("retry <id>").description("run the step again at which it asks a person");
  addAdminOptions(addWaitOptions(retry)).action(async (id: string, flags: OperationFlags) => {
    const client = await openAdminClient(flags, io);
    const accepted = await requestOperation(client, `/v1/operations/${encodeURIComponent(id)}/retry`, {});
    await answer(await finishOrFollow(client, accepted.operation, flags, io));
  });
}
