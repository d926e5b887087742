import type { BenchCase } from "../../bench.js";
import { Clusters } from "../clusters.js";
import { never, openOwnPair } from "../own-pair.js";

const transactions = 4_000;
/** What replication by full rows sends of a TPC-B transaction, uncompressed: three rows updated and one inserted, as text. */
const fullRows = `SELECT sum(length(t::text)) AS bytes FROM (
  SELECT a::text FROM pgbench_history h JOIN pgbench_accounts a USING (aid)
  UNION ALL SELECT x::text FROM pgbench_history h JOIN pgbench_tellers x USING (tid)
  UNION ALL SELECT b::text FROM pgbench_history h JOIN pgbench_branches b USING (bid)
  UNION ALL SELECT h::text FROM pgbench_history h) AS all_rows(t)`;

/** Bytes of all messages of a backlog of TPC-B transactions, compressed, against every version of every row as it is. */
export const wireBytes: BenchCase = {
  name: "wire-bytes",
  title: "bytes on the link for 4,000 TPC-B transactions, against full rows without compression",
  goals: [{ measure: "share", unit: "of full rows", peer: "none", target: 0.4 }],
  missing: () => undefined,
  open: async ({ scale }) => {
    const clusters = await Clusters.start();
    return {
      measure: async () => {
        await clusters.renew();
        await clusters.createPgbench(1);
        const pair = await openOwnPair(clusters, { compressBatches: true });
        try {
          const before = pair.links.a.asked.length;
          await clusters.pgbench("-c", "4", "-t", String(Math.round((transactions * scale) / 4)));
          await pair.parts.a.synchronise(never);
          await clusters.requireEqual("pgbench_accounts", "pgbench_history");
          const sent = pair.links.a.asked.slice(before);
          const bytes = sent.reduce(
            (sum, { message }) => sum + (message.body?.length ?? 0) + JSON.stringify(message.fields).length,
            0,
          );
          const { rows } = await clusters.source.query<{ bytes: string }>(fullRows);
          const full = Number(rows[0]?.bytes);
          return { share: bytes / full, bytes, full };
        } finally {
          await pair.close();
        }
      },
      close: () => clusters.close(),
    };
  },
};
