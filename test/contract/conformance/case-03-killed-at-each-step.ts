import type { LinkFault } from "../../support/memory-link.js";
import type { Side } from "../../support/sync-pair.js";
import type { ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import { pieceOfCase } from "./piece-of-case.js";

interface KilledAt {
  readonly step: string;
  /** Message of the link at which it happens, and what happens to the message. */
  readonly message: string;
  readonly fault: LinkFault;
  readonly dying: Side | "server a" | "server b" | "nobody";
}

/** A point in twelve steps: what may die or be cut before or after each of them. */
const steps: readonly KilledAt[] = [
  { step: "before the position is asked for", message: "position", fault: "lost", dying: "a" },
  { step: "after the position was told", message: "position", fault: "unanswered", dying: "b" },
  { step: "the journal was read, nothing is sent", message: "stage", fault: "lost", dying: "a" },
  { step: "the first batch is staged", message: "stage", fault: "unanswered", dying: "b" },
  { step: "a batch comes twice", message: "stage", fault: "doubled", dying: "nobody" },
  { step: "all but the last batch is staged, apply is not asked for", message: "apply", fault: "lost", dying: "a" },
  { step: "all but the last batch is staged, the target dies", message: "apply", fault: "lost", dying: "b" },
  { step: "it is applied, the source does not hear it and dies", message: "apply", fault: "unanswered", dying: "a" },
  { step: "it is applied, the target dies", message: "apply", fault: "unanswered", dying: "b" },
  { step: "apply comes twice", message: "apply", fault: "doubled", dying: "nobody" },
  {
    step: "it is applied, the source's server is killed before the trim",
    message: "apply",
    fault: "none",
    dying: "server a",
  },
  { step: "the target's server is killed before it applies", message: "apply", fault: "none", dying: "server b" },
];

const { first, last } = pieceOfCase("SPARESYNC_KILLED_STEPS", steps.length);

export const killedAtEachStep = defineCase({
  number: 3,
  title: "converges when an actor, a server or the link dies at any of twelve steps, also tables without a key",
  needsConcurrency: false,
  limitSeconds: 240,
  run: async (bench) => {
    // Each batch travels alone: otherwise a point as small as these is one message.
    await bench.change({ batchRows: 10 });
    await bench.both(
      "CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL); CREATE TABLE keyless(v int, w varchar(20))",
    );
    await bench.apps.a.run(
      "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0); INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (NULL, NULL)",
    );
    await bench.start();
    await bench.sync();
    const piece = steps.slice(first - 1, last);
    for (const [round, killed] of piece.entries()) {
      await bench.apps.a.run(`UPDATE t SET v = ${round + 1} WHERE id = 1; DELETE FROM t WHERE id = ${round + 1}`);
      await bench.apps.a.run(
        `INSERT INTO t VALUES (${round + 100}, 1); INSERT INTO keyless VALUES (${round}, 'r'), (${round}, 'r')`,
      );
      await dieAt(bench, killed);
      await bench.expectSame("t", "keyless");
    }
    await bench.expectSameRows("keyless", 3 + 2 * piece.length);
  },
});

async function dieAt(bench: ConformanceBench, killed: KilledAt): Promise<void> {
  const { pair, fixture } = bench;
  const reached = { isDead: false };
  // A session that goes on does not ask for the position: begin a new one.
  if (killed.message === "position") await restart(bench, "a");
  pair.links.a.faultOf = async (kind) => {
    if (reached.isDead || kind !== `database/${killed.message}`) return "none";
    reached.isDead = true;
    if (killed.dying === "server a") await fixture.crash?.(0);
    if (killed.dying === "server b") await fixture.crash?.(1);
    return killed.fault;
  };
  await bench.sync().catch(() => undefined);
  if (!reached.isDead) throw new Error(`no message ${killed.message} was sent`);
  pair.links.a.faultOf = () => "none";
  if (killed.dying === "a" || killed.dying === "b") await restart(bench, killed.dying);
  if (killed.dying.startsWith("server") && fixture.crash) await reconnect(bench);
  // One more failure is allowed: the first word after a crash may be "not ready yet".
  await bench.sync().catch(() => bench.sync());
}

async function restart(bench: ConformanceBench, side: Side): Promise<void> {
  bench.pair.kill(side);
  const role =
    side === "a" ? ({ role: "source", epoch: 1, continuous: false } as const) : ({ role: "target", epoch: 1 } as const);
  await bench.pair.parts[side].setRole(role);
}

/** The sessions of a server that was killed are gone. */
async function reconnect(bench: ConformanceBench): Promise<void> {
  for (const side of ["a", "b"] as const) {
    await bench.apps[side].close().catch(() => undefined);
    bench.apps[side] = await bench.fixture.connect(side === "a" ? 0 : 1);
  }
}
