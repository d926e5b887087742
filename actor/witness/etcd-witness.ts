import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { Json } from "../../shared/core/json.js";
import { decodeOwnershipRecord } from "../core/ownership-record.js";
import type { WitnessHolder } from "../core/witness-rules.js";
import { EtcdGateway, type EtcdGatewayOptions } from "./etcd-gateway.js";
import type { WitnessPort } from "./witness-port.js";

export interface EtcdWitnessOptions extends Omit<EtcdGatewayOptions, "settings"> {
  readonly settings: EtcdGatewayOptions["settings"] & { readonly ttlSeconds: number };
  readonly pair: string;
}

/** Members that are zero or empty are left out of etcd's answers. */
const keyValue = z.object({
  value: z.string().default(""),
  mod_revision: z.string(),
  lease: z.string().default(""),
});
const rangeAnswer = z.object({ kvs: z.array(keyValue).max(1).default([]) });
const transactionAnswer = z.object({
  succeeded: z.boolean().default(false),
  responses: z.array(z.object({ response_range: rangeAnswer.optional() })).default([]),
});
const grantAnswer = z.object({ ID: z.string() });
const keepAliveAnswer = z.object({ TTL: z.string().optional() });

/** The witness as one key in etcd (3.4 and later), `/sparesync/<pair>/active`. */
export function createEtcdWitness(options: EtcdWitnessOptions): WitnessPort {
  const gateway = new EtcdGateway(options);
  const key = encode(`/sparesync/${options.pair}/active`);
  const call = async <Schema extends z.ZodType>(
    path: string,
    body: Json,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> => {
    const parsed = schema.safeParse(await gateway.call(path, body, signal));
    if (parsed.success) return parsed.data;
    throw new AppError("WITNESS_UNREACHABLE", `the witness's answer to ${path} is not of the expected form`);
  };
  // A key that does not exist has the revision 0.
  const unchanged = (over: WitnessHolder | undefined): Json => ({
    key,
    target: "MOD",
    result: "EQUAL",
    mod_revision: over?.revision ?? "0",
  });
  return {
    read: async (signal) => firstHolder(await call("/v3/kv/range", { key }, rangeAnswer, signal)),
    write: async ({ text, leaseId }, over, signal) => {
      const put = { key, value: encode(text), ...(leaseId === "" ? {} : { lease: leaseId }) };
      const body = {
        compare: [unchanged(over)],
        success: [{ request_put: put }],
        failure: [{ request_range: { key } }],
      };
      const answer = await call("/v3/kv/txn", body, transactionAnswer, signal);
      if (answer.succeeded) return true;
      // Asked of a second endpoint after a lost answer, it may be our own write that was faster.
      const found = answer.responses[0]?.response_range?.kvs[0];
      return found?.value === encode(text) && found.lease === leaseId;
    },
    remove: async (holder, signal) => {
      const body = { compare: [unchanged(holder)], success: [{ request_delete_range: { key } }] };
      return (await call("/v3/kv/txn", body, transactionAnswer, signal)).succeeded;
    },
    grantLease: async (signal) => {
      const body = { TTL: String(options.settings.ttlSeconds) };
      return (await call("/v3/lease/grant", body, grantAnswer, signal)).ID;
    },
    // Without TTL in its answer the lease is gone.
    keepLeaseAlive: async (leaseId, signal) => {
      const { TTL } = await call("/v3/lease/keepalive", { ID: leaseId }, keepAliveAnswer, signal);
      return TTL !== undefined && Number(TTL) > 0;
    },
    revokeLease: async (leaseId, signal) => {
      await call("/v3/lease/revoke", { ID: leaseId }, z.object({}), signal);
    },
  };
}

function firstHolder({ kvs }: z.output<typeof rangeAnswer>): WitnessHolder | undefined {
  const found = kvs[0];
  if (!found) return undefined;
  const record = decodeOwnershipRecord(Buffer.from(found.value, "base64").toString("utf8"));
  return { record, revision: found.mod_revision, leaseId: found.lease };
}

function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
