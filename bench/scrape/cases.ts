import type { BenchCase } from "../bench.js";
import { ours } from "../bench.js";
import { missingProgram } from "../programs.js";
import { scrapedPrograms } from "./scraped-programs.js";
import { scrapeRepeatedly } from "./scrape-repeatedly.js";

const nodeExporter = "node-exporter";
const leastSeries = 400;

/** How long Prometheus waits for the exporter, and what it costs the server. */
export const scrapeCases: readonly BenchCase[] = [
  {
    name: "scrape-400-series",
    title: `scrapes of an exporter with ${leastSeries} series or more, one after the other`,
    goals: [
      { measure: "p99Milliseconds", unit: "ms", peer: "none", target: 10 },
      { measure: "peakMebibytes", unit: "MiB", peer: "none", target: 120 },
      // Written in Go, and it reads the kernel's files: not to be reached, but to be seen beside.
      { measure: "p99Milliseconds", unit: "ms", peer: nodeExporter, target: 1 },
    ],
    missing: (contender) => (contender === nodeExporter ? missingProgram("prometheus-node-exporter") : undefined),
    async open(place) {
      const programs = await scrapedPrograms(place, leastSeries);
      const scrapes = Math.max(20, Math.round(500 * place.scale));
      return {
        measure: (contender) => scrapeRepeatedly(contender === ours ? programs.ours : programs.nodeExporter, scrapes),
        close: () => programs.close(),
      };
    },
  },
];
