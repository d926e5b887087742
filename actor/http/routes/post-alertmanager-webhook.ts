import { z } from "zod";
import type { Actor, AlertOutcome } from "../../actor-api.js";
import { defineRoute } from "../route.js";

/** Alertmanager groups by rule and pair: hundreds of alerts in one post are a mistake in its routes. */
const alertsLimit = 200;

/** Version 4 as Alertmanager sends it; newer ones add keys, so unknown keys are accepted at every level. */
const alert = z.looseObject({
  status: z.enum(["firing", "resolved"]),
  labels: z.record(z.string().max(256), z.string().max(4096)),
  startsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().regex(/^[0-9A-Za-z]{1,64}$/),
});
type Alert = z.output<typeof alert>;

const counterName = "webhook_alerts";

export const webhookPath = "/webhooks/alertmanager";

/**
 * Alerts ask, the actor decides. Alertmanager takes any 2xx as final and sends everything else again: so whatever the
 * outcome, a post that was understood is answered with 202, and only what could not be kept is asked for again.
 */
export const postAlertmanagerWebhook = defineRoute({
  method: "POST",
  path: webhookPath,
  purpose: "Takes Alertmanager's posts (schema version 4); answers the outcome of each alert.",
  access: "alertmanager",
  rejectionCounter: counterName,
  body: z.looseObject({ version: z.literal("4"), alerts: z.array(alert).max(alertsLimit) }),
  answer: async ({ actor, pair, body }) => {
    const alerts: { fingerprint: string; outcome: AlertOutcome }[] = [];
    for (const one of body.alerts) {
      const outcome = await outcomeOf(actor, pair, one).catch((error: unknown) => {
        // Not kept: the error answer makes Alertmanager send the whole post again; those that were kept are duplicates.
        actor.count(`${counterName}.failed`);
        throw error;
      });
      actor.count(`${counterName}.${outcome}`);
      alerts.push({ fingerprint: one.fingerprint, outcome });
    }
    return { status: 202, body: { alerts } };
  },
});

async function outcomeOf(actor: Actor, pair: string, one: Alert): Promise<AlertOutcome> {
  const { fingerprint, startsAt, status, labels } = one;
  if (labels["action"] !== "switchover") return "not-a-request";
  if (labels["pair"] !== pair) return "other-pair";
  return actor.takeAlert({ fingerprint, startsAt, status, labels });
}
