import type { ActorContext } from "../../actor-context.js";
import { isSerialReached, longestTtlSeconds, namesNotPublished } from "../../core/dns-records.js";
import type { AuthoritativeAnswer } from "../../dns/name-server-port.js";
import { defineStep } from "../step.js";

/**
 * Waits until every authoritative server that answers gives the new addresses, of a zone that is at least as new as the
 * update server's was, and says how long answers given before may still live in resolvers.
 */
export const verifyAddresses = defineStep({
  name: "verify-addresses",
  title: "Verify the addresses on every authoritative server",
  limitSeconds: (settings) => settings.dns.limitSeconds * 3,
  patienceSeconds: 120,
  do: async ({ context, operation, signal }) => {
    const { ports, situation } = context;
    if (situation.publishedSerial?.operationId === operation.id) return;
    // The serial only explains what is late: that it cannot be read says nothing against the addresses.
    const serial = await ports.nameServer.readSerial(signal).catch(() => undefined);
    situation.publishedSerial = serial === undefined ? undefined : { operationId: operation.id, serial };
  },
  verify: async ({ context, signal }) => {
    const { ports } = context;
    const answers = await ports.nameServer.readAddresses(signal);
    const late = answers.flatMap((answer) => (answer.error === undefined ? lateBecause(context, answer) : []));
    const silent = answers.filter((answer) => answer.error !== undefined);
    for (const answer of silent) {
      ports.log.warn("authoritative-server-silent", { server: answer.server, because: answer.error ?? "" });
    }
    if (silent.length === answers.length) return { holds: false, because: "no authoritative server answers" };
    if (late.length > 0) return { holds: false, because: late.join("; ") };
    return { holds: true, note: noteOldAnswers(context, silent) };
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});

function lateBecause({ ports, server, situation }: ActorContext, answer: AuthoritativeAnswer): string[] {
  const { nameServer } = ports;
  const names = namesNotPublished(answer, nameServer.addressesOf(server), nameServer.moreNamesOf(server));
  const wanted = situation.publishedSerial?.serial;
  const isBehind = answer.serial !== undefined && wanted !== undefined && !isSerialReached(answer.serial, wanted);
  const serial = isBehind ? `serial ${answer.serial}, the update server has ${wanted}` : "";
  if (names.length === 0) return isBehind ? [`old zone at ${answer.server} (${serial})`] : [];
  const which = names.map((name) => (name === "" ? "the name" : name)).join(", ");
  return [`old addresses at ${answer.server} for ${which}${isBehind ? ` (${serial})` : ""}`];
}

/** From now on only what resolvers have kept still points to the other server. */
function noteOldAnswers({ ports, settings, situation }: ActorContext, silent: readonly AuthoritativeAnswer[]): string {
  const ttlSeconds = longestTtlSeconds(settings.dns);
  situation.oldAnswersUntilWallMs = ports.clock.wallMs() + ttlSeconds * 1000;
  const until = new Date(situation.oldAnswersUntilWallMs).toISOString();
  const unknown =
    silent.length === 0 ? "" : `; not asked, for they are silent: ${silent.map((one) => one.server).join(", ")}`;
  return `resolvers may give the old addresses until ${until} (time to live ${ttlSeconds} s)${unknown}`;
}
