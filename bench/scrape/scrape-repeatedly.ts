import http from "node:http";
import { readBody } from "../../shared/read-body.js";
import type { Sample } from "../bench.js";
import { UsageMeter } from "../process-usage.js";
import type { StartedProgram } from "../programs.js";
import { quantile } from "../statistics.js";

/** A program that is scraped, started when it is asked for first. */
export interface Scraped {
  readonly leastSeries: number;
  start(): Promise<{ readonly port: number; readonly program: StartedProgram }>;
}

const mebibyte = 1024 ** 2;
const longestBodyBytes = 16 * mebibyte;
const warmUpScrapes = 100;
/** Much faster than Prometheus would, with a rest in which the program can do what else it has to. */
const restMs = 5;

/** Scrapes over one kept connection, as Prometheus does. The first ones, which compile and connect, do not count. */
export async function scrapeRepeatedly(scraped: Scraped, scrapes: number): Promise<Sample> {
  const { port, program } = await scraped.start();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const meter = new UsageMeter([program.pid], { hasChildren: false });
  try {
    for (let round = 0; round < warmUpScrapes; round += 1) await scrapeOnce(agent, port);
    meter.reset();
    const before = meter.now();
    const milliseconds: number[] = [];
    let series = 0;
    for (let round = 0; round < scrapes; round += 1) {
      program.requireRunning();
      const startedAt = performance.now();
      const text = await scrapeOnce(agent, port);
      milliseconds.push(performance.now() - startedAt);
      series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    if (series < scraped.leastSeries) throw new Error(`only ${series} series instead of ${scraped.leastSeries}`);
    const { cpuSeconds, peakBytes } = meter.now();
    return {
      p50Milliseconds: quantile(milliseconds, 0.5),
      p99Milliseconds: quantile(milliseconds, 0.99),
      series,
      peakMebibytes: peakBytes / mebibyte,
      cpuMillisecondsPerScrape: ((cpuSeconds - before.cpuSeconds) * 1000) / scrapes,
    };
  } finally {
    meter.stop();
    agent.destroy();
    await program.end();
  }
}

function scrapeOnce(agent: http.Agent, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: "127.0.0.1", port, path: "/metrics", agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`a scrape was answered with ${String(response.statusCode)}`));
      readBody(response, longestBodyBytes).then((body) => {
        resolve(body.toString());
      }, reject);
    });
    request.on("error", reject);
  });
}
