import { afterEach, describe, expect, test } from "@jest/globals";
import type { KeptFacts, Promised } from "../../../actor/core/kept-facts.js";
import type { OwnershipRecord } from "../../../actor/core/ownership-record.js";
import { runOwnershipWatch } from "../../../actor/watch/ownership-watch.js";
import { AppError } from "../../../shared/core/app-error.js";
import type { JsonObject } from "../../../shared/core/json.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import { benchContext, type ContextBench, type FakePorts, firstRecord } from "../../support/context-bench.js";
import { exampleSettings } from "../../support/settings-example.js";

// The settings of the example: a question every 10 s, each may take 3 s; fenced after 60 s without a confirmation.
const selfFenceSeconds = 60;

const peersRecord: OwnershipRecord = { epoch: 2, active: "secondary", operationId: "second" };
const ofSecondary: OwnershipRecord = { ...firstRecord, active: "secondary" };

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
});

interface Watched extends ContextBench {
  /** What was done with the managed system since the watch began. */
  readonly done: () => readonly string[];
}

interface WatchOptions {
  readonly facts?: Partial<KeptFacts>;
  readonly isServing?: boolean;
  readonly updateServerSite?: "elsewhere" | "primary" | "secondary";
  readonly prepare?: (ports: FakePorts) => void;
}

/** Runs the watch of one actor, whose managed system serves unless said otherwise; the peer was heard already. */
async function watch(server: ServerName, options: WatchOptions = {}): Promise<Watched> {
  const settings = exampleSettings((input) => {
    input.server = server;
    input.ownership.updateServerSite = options.updateServerSite ?? "elsewhere";
  });
  const bench = await benchContext(server, {
    settings,
    facts: options.facts ?? {},
    prepare: (ports) => {
      ports.isServing = options.isServing ?? true;
      options.prepare?.(ports);
    },
  });
  bench.context.situation.isFirstHeartbeatOver = true;
  void runOwnershipWatch(bench.context);
  stop = () => {
    bench.stopping.abort();
  };
  await bench.ports.clock.advance(0);
  return { ...bench, done: () => bench.ports.done };
}

const noAnswer = (): Promise<never> => Promise.reject(new AppError("DNS_UNREACHABLE", "no answer"));

/** The update server answers no more; the answers so far have confirmed ownership as of this moment. */
async function loseUpdateServer({ ports }: Watched): Promise<void> {
  // The questions are asked at 0, 10, 20 …: right after one.
  await ports.clock.advance(20);
  ports.readRecord = noAnswer;
}

describe("an owner that cannot confirm", () => {
  test("goes on while the record says that it is the owner", async () => {
    const { ports, done, context } = await watch("primary");
    await ports.clock.advance(600);
    expect(done()).toEqual([]);
    expect(context.situation).toMatchObject({ confirmedBy: "update-server", isFenced: false, recordProblem: "" });
  });

  test("stops after selfFenceSeconds, and not before", async () => {
    const watched = await watch("primary");
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(selfFenceSeconds);
    expect(watched.done()).toEqual([]);
    expect(watched.context.situation.recordProblem).toBe("no answer");
    await watched.ports.clock.advance(1);
    expect(watched.done()).toEqual(["stop"]);
    expect(watched.context.situation).toMatchObject({ isFenced: true, isServing: false });
    expect(watched.ports.events()).toContain("fencing");
  });

  test("counts from the question, however late the answer came", async () => {
    const { ports, done } = await watch("primary");
    await ports.clock.advance(19);
    ports.readRecord = async () => {
      await ports.clock.sleep(2900);
      return firstRecord;
    };
    // The question of second 20 is answered at 22.9; none after it.
    await ports.clock.advance(2);
    ports.readRecord = noAnswer;
    await ports.clock.advance(59);
    expect(done()).toEqual([]);
    await ports.clock.advance(1);
    expect(done()).toEqual(["stop"]);
  });

  test("takes an answer that comes too late for none", async () => {
    const { ports, done, context } = await watch("primary");
    await ports.clock.advance(20);
    ports.readRecord = async () => {
      await ports.clock.sleep(3100);
      return firstRecord;
    };
    await ports.clock.advance(selfFenceSeconds + 1);
    expect(done()).toEqual(["stop"]);
    expect(context.situation.isUpdateServerReachable).toBe(false);
  });

  test.each<{ when: string; read: OwnershipRecord | undefined; problem: RegExp }>([
    { when: "there is none", read: undefined, problem: /no ownership record/ },
    { when: "it is older than the one known", read: { ...firstRecord, epoch: 0 }, problem: /answers epoch 0/ },
    {
      when: "it is another one of the same epoch",
      read: { ...firstRecord, operationId: "x" },
      problem: /two different/,
    },
  ])("is not confirmed by a record when $when", async ({ read, problem }) => {
    const { ports, done, context } = await watch("primary");
    await ports.clock.advance(20);
    ports.readRecord = () => Promise.resolve(read);
    await ports.clock.advance(selfFenceSeconds + 1);
    expect(done()).toEqual(["stop"]);
    expect(context.situation.recordProblem).toMatch(problem);
    expect(context.situation.isUpdateServerReachable).toBe(true);
  });

  test("serves again as soon as it is confirmed again", async () => {
    const watched = await watch("primary");
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(selfFenceSeconds + 1);
    watched.ports.readRecord = () => Promise.resolve(firstRecord);
    await watched.ports.clock.advance(11);
    expect(watched.done()).toEqual(["stop", "start"]);
    expect(watched.context.situation).toMatchObject({ isFenced: false, isServing: true });
  });

  test("tries to stop again when it did not stop, and says so once", async () => {
    const watched = await watch("primary");
    const { ports } = watched;
    let attempts = 0;
    ports.managedSystem.stop = () => {
      attempts += 1;
      return Promise.reject(new AppError("MANAGED_SYSTEM_FAILED", "it does not stop"));
    };
    await loseUpdateServer(watched);
    await ports.clock.advance(selfFenceSeconds + 5);
    expect(attempts).toBeGreaterThan(3);
    const said = ports.log.lines.filter(({ event, fields }) => event === "loop-failed" && fields["loop"] === "fence");
    expect(said.map(({ fields }) => fields["message"])).toEqual(["it does not stop"]);
    expect(ports.events().filter((event) => event === "fencing")).toHaveLength(1);
  });
});

describe("an unconfirmed owner is not fenced where nobody may take over", () => {
  test.each<Promised["kind"]>(["stopped", "turned-off", "not-automatic", "configuration-error"])(
    "after the peer has promised not to claim (%s)",
    async (kind) => {
      const watched = await watch("primary", { facts: { peerPromise: { sequence: 1, kind } } });
      await loseUpdateServer(watched);
      await watched.ports.clock.advance(600);
      expect(watched.done()).toEqual([]);
    },
  );

  test("but is, once the peer has taken its promise back", async () => {
    const watched = await watch("primary", { facts: { peerPromise: { sequence: 1, kind: "stopped" } } });
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(600);
    await watched.context.store.change((facts) => ({ ...facts, peerPromise: { sequence: 2, kind: null } }));
    await watched.ports.clock.advance(1);
    expect(watched.done()).toEqual(["stop"]);
  });

  test("on the secondary, whose place only an operator takes", async () => {
    const facts = { record: ofSecondary };
    const watched = await watch("secondary", { facts, prepare: (ports) => (ports.record = ofSecondary) });
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(600);
    expect(watched.done()).toEqual([]);
  });

  test.each([
    { hasInternet: true, done: [] },
    { hasInternet: false, done: ["stop"] },
  ])("by assumption, with the update server at the spare's site: internet works $hasInternet", async (row) => {
    const watched = await watch("primary", { updateServerSite: "secondary" });
    watched.context.situation.areExternalResourcesAvailable = row.hasInternet;
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(600);
    expect(watched.done()).toEqual(row.done);
  });
});

describe("the peer", () => {
  const grant = (change: JsonObject = {}) => Promise.resolve({ isGranted: true, because: "", record: null, ...change });

  test("confirms where the update server does not answer", async () => {
    const watched = await watch("primary");
    const asked: JsonObject[] = [];
    watched.ports.peer = (kind, fields) => {
      asked.push({ kind, ...fields });
      return grant();
    };
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(600);
    expect(watched.done()).toEqual([]);
    expect(watched.context.situation.confirmedBy).toBe("peer");
    expect(asked[0]).toEqual({ kind: "ownership/confirm", epoch: 1 });
  });

  test.each<{ when: string; answer: () => Promise<JsonObject> }>([
    { when: "refuses", answer: () => grant({ isGranted: false, because: "a claim is decided" }) },
    { when: "answers something else", answer: () => Promise.resolve({ ok: true }) },
    { when: "is silent", answer: () => Promise.reject(new AppError("PEER_UNREACHABLE", "no answer")) },
  ])("does not confirm when it $when", async ({ answer }) => {
    const watched = await watch("primary");
    watched.ports.peer = answer;
    await loseUpdateServer(watched);
    await watched.ports.clock.advance(selfFenceSeconds + 1);
    expect(watched.done()).toEqual(["stop"]);
  });

  test("refutes by a newer record, which counts at once and is kept", async () => {
    const watched = await watch("primary");
    await loseUpdateServer(watched);
    watched.ports.peer = () => grant({ isGranted: false, record: { ...peersRecord } });
    await watched.ports.clock.advance(11);
    expect(watched.done()).toEqual(["stop"]);
    expect(watched.kept().record).toEqual(peersRecord);
    expect(watched.context.situation.isFenced).toBe(false);
  });

  test("cannot grant and refute in one answer: its newer record has the last word", async () => {
    const watched = await watch("primary");
    await loseUpdateServer(watched);
    const confirmedAtMs = watched.context.situation.confirmedAtMs;
    watched.ports.peer = () => grant({ record: { ...peersRecord } });
    await watched.ports.clock.advance(11);
    expect(watched.done()).toEqual(["stop"]);
    expect(watched.context.situation.confirmedAtMs).toBe(confirmedAtMs);
  });

  test("is asked by the owner only", async () => {
    const asked: string[] = [];
    const { ports } = await watch("secondary", {
      isServing: false,
      prepare: (fake) => {
        fake.peer = (kind) => {
          asked.push(kind);
          return grant();
        };
      },
    });
    await ports.clock.advance(60);
    expect(asked).toEqual([]);
  });
});

describe("a newer record of the peer", () => {
  test("stops the old owner at once, not after selfFenceSeconds", async () => {
    const { ports, done, kept, context } = await watch("primary");
    await ports.clock.advance(19);
    ports.record = peersRecord;
    await ports.clock.advance(2);
    expect(done()).toEqual(["stop"]);
    expect(kept().record).toEqual(peersRecord);
    // Another one owns the name: this is a standby now, and no fenced owner.
    expect(context.situation.isFenced).toBe(false);
    await ports.clock.advance(600);
    expect(done()).toEqual(["stop"]);
  });

  test("counts also when a full disk keeps it from being kept", async () => {
    const { ports, done, kept } = await watch("primary");
    ports.beforeWrite = () => Promise.reject(new AppError("STATE_UNWRITABLE", "no space"));
    ports.record = peersRecord;
    await ports.clock.advance(12);
    expect(kept().record).toEqual(firstRecord);
    expect(done()).toEqual(["stop"]);
    await ports.clock.advance(120);
    expect(done()).toEqual(["stop"]);
  });
});

describe("what serves on a standby", () => {
  test("whoever has started it, is stopped", async () => {
    const { ports, done } = await watch("secondary");
    await ports.clock.advance(1);
    expect(done()).toEqual(["stop"]);
    ports.isServing = true;
    await ports.clock.advance(3);
    expect(done()).toEqual(["stop", "stop"]);
  });

  test("is stopped where no record is known at all", async () => {
    const { ports, done } = await watch("primary", {
      facts: { record: null },
      prepare: (fake) => (fake.record = undefined),
    });
    await ports.clock.advance(1);
    expect(done()).toEqual(["stop"]);
  });

  test("is left alone until the first round of questions is over: what was kept may be old", async () => {
    const kept = { record: ofSecondary };
    const { ports, done } = await watch("primary", {
      facts: kept,
      prepare: (fake) => {
        fake.readRecord = async () => {
          await fake.clock.sleep(2000);
          return { epoch: 2, active: "primary", operationId: "first" };
        };
      },
    });
    await ports.clock.advance(600);
    expect(done()).toEqual([]);
  });
});

describe("a pause that only one clock has seen", () => {
  test("is said, and an owner that it has left unconfirmed asks once before it stops", async () => {
    const { ports, done } = await watch("primary");
    await ports.clock.advance(15);
    ports.clock.wallOffsetMs += 300_000;
    await ports.clock.advance(2);
    expect(ports.events()).toContain("clocks-disagree");
    expect(done()).toEqual([]);
  });

  test("stops it within two seconds when that question is not answered", async () => {
    const { ports, done } = await watch("primary");
    await ports.clock.advance(15);
    ports.readRecord = () => new Promise(() => undefined);
    ports.clock.wallOffsetMs += 300_000;
    await ports.clock.advance(2.1);
    expect(done()).toEqual(["stop"]);
  });
});
