import { z } from "zod";
import type { VantageWord } from "../../shared/core/vantage.js";

/** What a value of a probe's metric says: 1 is up, 0 is down (blackbox exporter's `probe_success`). */
type Word = Pick<VantageWord, "says" | "because">;

/** Reads a metric in Prometheus's text format; of several series one that is up is enough, as for users. */
export function readMetricWord(text: string, metric: string): Word {
  const values = text.split("\n").flatMap((line) => {
    const match = /^([A-Za-z_:][\w:]*)(?:\{.*\})?\s+(\S+)/.exec(line);
    return match?.[1] === metric ? [Number(match[2])] : [];
  });
  return judgeValues(values, metric);
}

const queryAnswer = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** Reads the answer of Prometheus to an instant query (HTTP API, /api/v1/query) that gives a vector. */
export function readQueryWord(text: string): Word {
  const answer = queryAnswer.safeParse(parseJson(text));
  if (!answer.success) return { says: "nothing", because: "the answer is no vector of Prometheus" };
  const values = answer.data.data.result.map(({ value: [, value] }) => Number(value));
  return judgeValues(values, "the query");
}

function judgeValues(values: readonly number[], what: string): Word {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return { says: "nothing", because: `${what} has no value` };
  const says = known.some((value) => value !== 0) ? "up" : "down";
  return { says, because: `${what} is ${known.join(", ")}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
