import type { ActorContext } from "../actor-context.js";
import { count } from "../actor-context.js";
import type { OperationDocument } from "../core/kept-facts.js";
import { isReadyToServe } from "../core/readiness.js";
import { namesNotPublished } from "../core/dns-records.js";
import type { AuthoritativeAnswer } from "../dns/name-server-port.js";
import { withDeadline } from "../../shared/deadline.js";
import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import { otherServer, type ServerName } from "../../shared/core/server-name.js";

/** A transfer between name servers, or an update under way, is over by then. */
const strangeForSeconds = 20;
/** A host that registers itself again and again must not make the update server work without end. */
const pauseSeconds = 60;

/**
 * A host that registers its own address (dynamic DNS of an operating system, DHCP) can point the name back to the server
 * that does not serve. The owner then publishes once more; the update server checks that it still owns the name. Other
 * addresses than those of the two servers are left to a person: somebody may mean them.
 */
export async function correctName(context: ActorContext, answers: readonly AuthoritativeAnswer[]): Promise<void> {
  const { ports, settings, situation, store, server, signal } = context;
  const { record, operation } = store.facts;
  const isInTheWay = operation !== null && !hasPublished(operation, server);
  const isOurs = record?.active === server && isReadyToServe(store.facts) && !isInTheWay;
  if (!record || !isOurs || !situation.isWhole || !isPointedBack(context, answers)) {
    situation.nameStrangeSinceMs = undefined;
    return;
  }
  const nowMs = ports.clock.monotonicMs();
  situation.nameStrangeSinceMs ??= nowMs;
  if (nowMs - situation.nameStrangeSinceMs < strangeForSeconds * 1000) return;
  if (nowMs - (situation.nameCorrectedAtMs ?? -Infinity) < pauseSeconds * 1000) return;
  situation.nameCorrectedAtMs = nowMs;
  situation.updatesTotal += 1;
  const limitSeconds = settings.dns.limitSeconds * 2;
  const outcome = await withDeadline(
    ports.clock,
    { what: "publishing the addresses again", limitSeconds, signal },
    (limited) => ports.nameServer.publish(record, limited),
  );
  if (outcome.kind !== "done") {
    situation.updateFailuresTotal += 1;
    ports.log.warn("name-not-corrected", { because: outcome.because });
    return;
  }
  situation.nameStrangeSinceMs = undefined;
  count(context, "name_corrections");
  ports.log.warn("name-corrected", { because: `the name held an address of the ${otherServer(server)}` });
}

/** An operation that only waits for the other name servers would wait for a host that has registered itself as well. */
function hasPublished({ to, steps }: OperationDocument, server: ServerName): boolean {
  return to === server && steps.some(({ name, state }) => name === "publish-addresses" && state === "done");
}

/** What the update server itself answers counts where it is among those that are asked: the others follow it. */
function isPointedBack({ ports, settings, server }: ActorContext, answers: readonly AuthoritativeAnswer[]): boolean {
  const { nameServer } = ports;
  const answered = answers.filter((answer) => answer.error === undefined);
  const own = answered.filter((answer) => answer.server === formatHostAndPort(settings.dns.updateServer));
  const theirs = new Set(nameServer.addressesOf(otherServer(server)));
  return (own.length > 0 ? own : answered).some((answer) => {
    const names = namesNotPublished(answer, nameServer.addressesOf(server), nameServer.moreNamesOf(server));
    // Of the further names each is either as published or somebody else's doing: they have no record of their own.
    return names.some((name) => name !== "") || answer.addresses.some((address) => theirs.has(address));
  });
}
