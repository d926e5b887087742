import type { ActorContext } from "../actor-context.js";
import { judgeAddresses } from "../core/dns-addresses.js";
import { withDeadline } from "../../shared/deadline.js";
import { correctName } from "./correct-name.js";
import { refuteOwnership } from "./refute-ownership.js";
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
  const answers = await withDeadline(
    ports.clock,
    { what: "reading the name's addresses", limitSeconds, signal },
    (limited) => ports.nameServer.readAddresses(limited),
  );
  const first = answers.find((answer) => answer.error === undefined);
  if (first) situation.publishedAddresses = first.addresses;
  const { pointsTo } = judgeAddresses(answers, {
    primary: ports.nameServer.addressesOf("primary"),
    secondary: ports.nameServer.addressesOf("secondary"),
  });
  // Mixed answers are a transfer between name servers under way; that ends by itself.
  if (pointsTo === "neither") situation.namePointsToNeitherSinceMs ??= ports.clock.monotonicMs();
  else situation.namePointsToNeitherSinceMs = undefined;
  await refuteOwnership(context, answers);
  await correctName(context, answers);
}
