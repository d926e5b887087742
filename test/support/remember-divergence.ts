import type { DivergencePort } from "../../actor/divergence/divergence-port.js";
import type { DivergenceView } from "../../actor/core/divergence.js";

/** Divergence reports in memory. */
export function rememberDivergence(reports: DivergenceView[] = []): DivergencePort {
  return {
    list: (limit) => Promise.resolve(reports.map((view) => ({ ...view, examples: view.examples.slice(0, limit) }))),
    acknowledge: () => {
      const open = reports.filter(({ isAcknowledged }) => !isAcknowledged);
      for (const view of open) view.isAcknowledged = true;
      return Promise.resolve(open.length);
    },
  };
}
