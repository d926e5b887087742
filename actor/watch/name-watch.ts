import type { ActorContext } from "../actor-context.js";
import { withDeadline } from "../deadline.js";
import { runLoop } from "./loop.js";

/** Looks at what the authoritative servers answer, so that a name that points nowhere is noticed. */
export function runNameWatch(context: ActorContext): Promise<unknown> {
  return runLoop(
    context,
    "name",
    () => Math.max(5, context.settings.ownership.confirmSeconds),
    () => lookAtName(context),
  );
}

async function lookAtName(context: ActorContext): Promise<void> {
  const { ports, settings, situation, signal } = context;
  const limitSeconds = settings.dns.limitSeconds * 2;
  const answers = await withDeadline(ports.clock, "reading the name's addresses", limitSeconds, signal, (limited) =>
    ports.nameServer.readAddresses(limited),
  );
  const answered = answers.filter((answer) => answer.error === undefined);
  const first = answered[0];
  if (!first) {
    situation.namePointsTo = "unknown";
    return;
  }
  situation.publishedAddresses = first.addresses;
  const text = first.addresses.join(" ");
  const owner = (["primary", "secondary"] as const).find(
    (server) => ports.nameServer.addressesOf(server).join(" ") === text,
  );
  situation.namePointsTo = owner ?? "neither";
  if (owner) situation.namePointsToNeitherSinceMs = undefined;
  else situation.namePointsToNeitherSinceMs ??= ports.clock.monotonicMs();
}
