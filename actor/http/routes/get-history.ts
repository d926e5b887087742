import { z } from "zod";
import { AppError } from "../../../shared/core/app-error.js";
import { eventSelectors } from "../../../shared/core/event-record.js";
import { defineRoute } from "../route.js";

/** More than anybody reads at once; `since` and `kind` lead further back. */
const mostEvents = 1000;

const historyQuery = z.strictObject({
  since: z.iso.datetime({ offset: true }).optional(),
  kind: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(eventSelectors)))
    .optional(),
  limit: z.coerce.number().int().min(1).max(mostEvents).default(100),
});

export const getHistory = defineRoute({
  method: "GET",
  path: "/v1/history",
  purpose: "What has happened on this server, newest first: who, what, why, result.",
  access: "viewer",
  answer: async ({ actor, query }) => {
    const parsed = historyQuery.safeParse(query);
    if (!parsed.success) throw new AppError("REQUEST_INVALID", describe(parsed.error), { hint });
    const { since, kind = [], limit } = parsed.data;
    const sinceMs = since === undefined ? 0 : Date.parse(since);
    return { status: 200, body: await actor.history({ sinceMs, kinds: kind, limit }) };
  },
});

const hint = `since: a time such as 2026-01-31T10:00:00Z; kind: one or more of ${eventSelectors.join(",")}; limit: 1 to ${mostEvents}`;

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.map(String).join(".") || "the query"}: ${message}`).join("; ");
}
