import { canAlertmanagerAsk } from "../../demo/monitoring.js";
import type { BenchCase } from "../bench.js";
import { measureFailover } from "./measure-failover.js";

const goals = [{ measure: "ownSeconds", unit: "s", peer: "none", target: 2 }] as const;

/** From the loss of the primary to the new address at the authoritative server; each round is a pair of its own. */
export const failoverCases: readonly BenchCase[] = [
  {
    name: "watch",
    title: "a failover that the actor's own watch asks for",
    goals,
    missing: () => undefined,
    open: () => Promise.resolve({ measure: () => measureFailover("watch"), close: () => Promise.resolve() }),
  },
  {
    name: "alertmanager",
    title: "a failover that only Prometheus and Alertmanager ask for",
    goals,
    missing: () => (canAlertmanagerAsk() ? undefined : "prometheus and prometheus-alertmanager are not on the PATH"),
    open: () => Promise.resolve({ measure: () => measureFailover("alertmanager"), close: () => Promise.resolve() }),
  },
];
