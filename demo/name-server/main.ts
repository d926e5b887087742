import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import { type NameServerOptions, startNameServer } from "./name-server.js";

const configuration = z.strictObject({
  zone: z.string().min(1),
  host: z.string().default("127.0.0.1"),
  port: z.int().min(0).max(65535).default(0),
  journalFile: z.string().min(1).optional(),
  tsig: z.strictObject({
    keyName: z.string().min(1),
    algorithm: z.enum(["hmac-sha256", "hmac-sha384", "hmac-sha512"]).default("hmac-sha256"),
    secret: z.base64().min(1),
  }),
  records: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        type: z.enum(["A", "AAAA", "TXT", "CNAME", "NS"]),
        ttlSeconds: z.int().min(0).max(86400).default(60),
        value: z.string(),
      }),
    )
    .default([]),
});

/** The file of `--config`, as JSON or YAML: the options of startNameServer, the TSIG secret in Base64. */
export type NameServerConfiguration = z.input<typeof configuration>;

function readOptions(): NameServerOptions {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new Error("usage: main.js --config FILE");
  const { tsig, journalFile, ...rest } = configuration.parse(parse(readFileSync(values.config, "utf8")));
  const key = { name: tsig.keyName, algorithm: tsig.algorithm, secret: Buffer.from(tsig.secret, "base64") };
  return { ...rest, ...(journalFile === undefined ? {} : { journalFile }), tsig: key };
}

try {
  const server = await startNameServer(readOptions());
  // One line when it is ready: whoever started it waits for this.
  process.stdout.write(`${JSON.stringify({ ready: true, port: server.port })}\n`);
  const stop = (): void => {
    process.stdin.destroy();
    void server.stop();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
  // The parent has died without a word: nobody is left to end this process.
  process.stdin.once("end", stop).resume();
} catch (error) {
  process.stderr.write(`${JSON.stringify({ ready: false, error: errorMessage(error) })}\n`);
  process.exitCode = 1;
}
