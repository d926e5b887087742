import { z } from "zod";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { isPeerConnected, type ActorContext } from "../actor-context.js";
import { divergenceView, joinDivergence, type DivergenceView } from "../core/divergence.js";
import { recordEvent } from "../record-event.js";

const askLimitSeconds = 20;
const views = z.object({ reports: z.array(divergenceView) });

/** What both servers hold. `peerBecause` says why the other server's part is missing; empty when it is not. */
export interface PairDivergence {
  readonly reports: readonly DivergenceView[];
  readonly peerBecause: string;
}

/** All reports of the pair, each with at most `limit` examples. */
export async function readDivergence(context: ActorContext, limit: number): Promise<PairDivergence> {
  const own = await readOwnDivergence(context, limit);
  const { ports, signal } = context;
  if (!isPeerConnected(context))
    return { reports: joinDivergence(own), peerBecause: "the other server is not connected" };
  try {
    const { fields } = await ports.link.ask(
      "divergence/list",
      { fields: { limit } },
      { limitSeconds: askLimitSeconds, signal },
    );
    return { reports: joinDivergence([...own, ...views.parse(fields).reports]), peerBecause: "" };
  } catch (error) {
    return { reports: joinDivergence(own), peerBecause: `the other server did not answer: ${errorMessage(error)}` };
  }
}

/** What stands on this server's disk and in the folders kept aside here. */
export async function readOwnDivergence(
  { ports, server }: ActorContext,
  limit: number,
): Promise<readonly DivergenceView[]> {
  const kept = await Promise.all(ports.parts.map(async (part) => (await part.listReplaced?.(limit)) ?? []));
  return [...(await ports.divergence.list(limit)), ...kept.flat().map((view) => ({ ...view, server }))];
}

/** The link's form of `readOwnDivergence`. */
export async function answerDivergence(context: ActorContext, limit: number): Promise<JsonObject> {
  return JSON.parse(JSON.stringify({ reports: await readOwnDivergence(context, limit) })) as JsonObject;
}

export interface Acknowledged {
  readonly reports: number;
  /** Files that were kept aside and go with the usual purge from now on. */
  readonly files: number;
}

const acknowledged = z.object({ reports: z.number(), files: z.number() });

/**
 * A person has looked at what diverged: the reports stay, what was kept aside is purged in its time. Rejects with
 * OPERATION_REFUSED while an operation runs (it may be keeping more aside) or when the other server cannot be told.
 */
export async function acknowledgeDivergence(context: ActorContext, requestedBy: string): Promise<Acknowledged> {
  if (context.store.facts.operation) {
    const hint = "Acknowledge when it has ended: `sparesync operations` shows it.";
    throw new AppError("OPERATION_REFUSED", "an operation runs, and may still keep something aside", { hint });
  }
  if (!isPeerConnected(context)) {
    const hint = "What is kept aside may stand on either server. Try again when they are connected.";
    throw new AppError("OPERATION_REFUSED", "the other server is not connected, so it cannot be told", { hint });
  }
  const { ports, signal } = context;
  const { fields } = await ports.link.ask(
    "divergence/acknowledge",
    { fields: { requestedBy } },
    { limitSeconds: askLimitSeconds, signal },
  );
  const there = acknowledged.parse(fields);
  const here = await takeAcknowledgement(context, requestedBy);
  return { reports: here.reports + there.reports, files: here.files + there.files };
}

/** Only this server's part. Twice does no harm. */
export async function takeAcknowledgement(context: ActorContext, requestedBy: string): Promise<Acknowledged> {
  const { ports } = context;
  let files = 0;
  for (const part of ports.parts) files += (await part.releaseReplaced?.()) ?? 0;
  const reports = await ports.divergence.acknowledge(requestedBy, ports.clock.wallMs());
  if (reports + files > 0) {
    const why = `${String(reports)} reports, ${String(files)} files kept aside`;
    await recordEvent(context, { name: "DivergenceAcknowledged", who: requestedBy, why });
  }
  return { reports, files };
}
