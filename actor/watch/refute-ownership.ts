import type { ActorContext } from "../actor-context.js";
import type { AuthoritativeAnswer } from "../dns/name-server-port.js";
import { ownershipClockMs } from "../ownership-clock.js";
import { refutedBecause } from "./note-confirmation.js";
import { confirmOnce } from "./ownership-watch.js";

/**
 * Another authoritative server may know of a claim that this owner, cut off from the update server, does not (docs/ownership.md
 * 2). Its answer is unsigned, so it is never kept and proves nothing: it only makes every confirmation so far too old. Whoever
 * confirms this server from now on, by an answer that cannot be forged, is believed instead.
 */
export async function refuteOwnership(context: ActorContext, answers: readonly AuthoritativeAnswer[]): Promise<void> {
  const { ports, situation, store, server } = context;
  const { record } = store.facts;
  const refuting =
    record?.active === server
      ? answers.find((answer) => answer.record?.active !== server && (answer.record?.epoch ?? -1) > record.epoch)
      : undefined;
  if (!refuting) {
    situation.refutation = undefined;
    return;
  }
  const atMs = ownershipClockMs(context);
  // First the question: a name server that is merely wrong must not stop an owner that can confirm itself.
  await confirmOnce(context);
  const because = `the name server ${refuting.server} shows epoch ${refuting.record?.epoch ?? 0}, and nothing confirms this server`;
  const before = situation.refutation;
  situation.refutation = { atMs, because };
  if (before) return;
  const isConfirmed = refutedBecause(context) === undefined;
  ports.log.warn("ownership-refuted", { server: refuting.server, epoch: refuting.record?.epoch ?? 0, isConfirmed });
}
