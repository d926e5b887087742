import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { runWithKills } from "../../support/kill-run.js";

/** `node dist/test/integration/postgresql/kill-run-program.js --seconds 1200 --seed 7 --logs FOLDER`: the long run, by hand. */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "1200" },
    seed: { type: "string", default: "1" },
    logs: { type: "string" },
  },
});
if (values.logs !== undefined) mkdirSync(values.logs, { recursive: true });
const result = await runWithKills({
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  writers: 4,
  restEverySeconds: 60,
  ...(values.logs !== undefined && { logFolder: values.logs }),
  report: (line) => {
    console.error(line);
  },
});
console.log(JSON.stringify(result));
const isGood = result.differences.length === 0 && result.lost + result.doubled + result.ended.length === 0;
process.exitCode = isGood ? 0 : 1;
