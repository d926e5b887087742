import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { alertTiming, forSeconds } from "../../../alert-rules/render-alert-rules.js";
import {
  eventCodes,
  messageCatalogue,
  messageCodes,
  type MessageCode,
} from "../../../shared/core/message-catalogue.js";
import type { EventRecord } from "../../../shared/core/event-record.js";
import { serverNames, type ServerName } from "../../../shared/core/server-name.js";
import { findIncidents, type Incident } from "../../support/alert-incidents.js";
import { MonitoredPair, overrides } from "../../support/monitored-pair.js";
import { startPostgresqlServer } from "../../support/postgresql-server.js";
import { threadOf, type ToldMail } from "../../support/told-mail.js";

/*
 * The whole product under watch: each of the 18 messages is brought about by what it is about. Nothing is compared with
 * the clock of the test: what fired when says Prometheus, what was mailed when says the mail.
 */
const sceneLimitMs = 150_000;
const sceneTestMs = 300_000;
/** A mail's header tells its time in whole seconds. */
const cutOffSeconds = 1;

let monitored: MonitoredPair;
const closers: (() => Promise<void>)[] = [];
/** When each code had its reason to fire, Unix seconds; outside of these it must not have fired. */
const windows: { readonly codes: readonly MessageCode[]; readonly from: number; to: number }[] = [];

beforeAll(async () => {
  const postgresql = await startPostgresqlServer();
  closers.push(() => postgresql.stop());
  monitored = await MonitoredPair.set(postgresql);
  closers.push(() => monitored.end());
}, 400_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
}, 120_000);

const nowSeconds = (): number => Date.now() / 1000;

/** Something that happens to the pair and is over when this resolves; `codes`: what it is a reason for. */
async function scene(codes: readonly MessageCode[], play: () => Promise<void>): Promise<void> {
  const window = { codes, from: nowSeconds() - 1, to: Infinity };
  windows.push(window);
  await play();
  window.to = nowSeconds();
}

async function untilTrue(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  await monitored.pair.untilTrue(what, isTrue, sceneLimitMs).catch(async (error: unknown) => {
    const mails = monitored.mails.slice(-25).map((mail) => JSON.stringify(mail));
    const alerts = (await monitored.alerts()).map(({ state, labels }) => `${state} ${JSON.stringify(labels)}`);
    throw new Error([String(error), ...alerts, ...mails].join("\n"), { cause: error });
  });
}

/** Who has told this since the last scene began. */
function tellers(code: MessageCode, kind: ToldMail["kind"]): readonly string[] {
  const from = windows.at(-1)?.from ?? 0;
  const told = monitored.mails.filter((mail) => mail.code === code && mail.kind === kind && mail.sentSeconds >= from);
  return [...new Set(told.map(({ by }) => by))].sort();
}

const both = ["actor", "alertmanager"];

/** Alertmanager has told it by mail, and so has an actor. */
async function untilTold(kind: ToldMail["kind"], codes: readonly MessageCode[]): Promise<void> {
  for (const code of codes) {
    await untilTrue(`${code} is ${kind} by both: ${kind}`, () => tellers(code, kind).join() === both.join());
  }
}

async function untilFiring(codes: readonly MessageCode[]): Promise<void> {
  for (const code of codes) {
    await untilTrue(`${code} fires`, async () =>
      (await monitored.alerts()).some(({ labels, state }) => labels["code"] === code && state === "firing"),
    );
  }
}

/** Alertmanager holds it and keeps silent, because something else says why. */
async function untilInhibited(code: string): Promise<void> {
  await untilTrue(`${code} is inhibited`, async () =>
    (await monitored.heldAlerts()).some(
      ({ labels, status }) => labels["code"] === code && status.inhibitedBy.length > 0,
    ),
  );
}

async function untilQuiet(codes: readonly string[]): Promise<void> {
  await untilTrue(`none of these fires: ${codes.join()}`, async () => {
    const alerts = await monitored.alerts();
    return !alerts.some(({ labels }) => codes.includes(labels["code"] ?? ""));
  });
}

function operator(...args: readonly string[]): Promise<string> {
  const { stage } = monitored.pair;
  return stage.sparesync([...args, "--settings", stage.pair.settingsFiles.primary], stage.operator);
}

/** As an administrator does it: what is still wrong is found again, and is marked again when it has ended. */
async function untilWell(): Promise<void> {
  await untilTrue("both servers work", async () => {
    await operator("mark-checked");
    return await monitored.isWell();
  });
}

async function onDatabase(server: "primary" | "secondary", statement: string): Promise<void> {
  const client = new pg.Client(monitored.pair.stage.layout.servers[server].application.database);
  await client.connect();
  await client.query(statement);
  await client.end();
}

function takePort(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(port, host, () => {
      resolve(server);
    });
  });
}

const muted = ["MainAppInvisible", "MissingConnection"] as const;
const ofFatal = ["ConfigurationError"] as const;
const listeners = ["HttpServerNotStarted", "LinkServerNotStarted"] as const;

describe("each message, by its real cause", () => {
  test(
    "in a service interval: application and link are lost, and only what is not excused is told",
    async () => {
      const told = ["ExternalResourcesInvisible", "FileSyncProblemWarn", "DbSyncProblemWarn"] as const;
      await scene([...muted, ...told, "MainAppVisible"], async () => {
        await monitored.loseApplication("primary");
        for (const pipe of monitored.pipes.link) await pipe.close();
        await monitored.closeResource();
        await untilFiring(muted);
        await untilTold("raised", told);
        await untilTold("repeated", told);
        const held = (await monitored.heldAlerts()).map(({ labels }) => labels["code"]);
        expect(held).toEqual(expect.arrayContaining([...muted]));
        await monitored.startApplication("primary");
        for (const pipe of monitored.pipes.link) await pipe.open();
        await monitored.openResource();
        await untilTold("resolved", told);
        await untilTold("raised", ["MainAppVisible"]);
        await untilQuiet([...muted, ...told]);
      });
      expect(monitored.mails.filter(({ code }) => muted.some((one) => one === code))).toEqual([]);
    },
    sceneTestMs,
  );

  test(
    "the service interval is over: both actors are started again",
    async () => {
      // An actor that stops in order closes its listeners first, and is still looked at.
      const ofStop = ["OtherStoppedNotify", "MissingConnection", ...listeners] as const;
      await scene([...ofStop, "FileSyncProblemWarn", "DbSyncProblemWarn"], async () => {
        await monitored.endServiceInterval();
        await untilWell();
        await untilQuiet([...ofStop, "FileSyncProblemWarn", "DbSyncProblemWarn"]);
      });
    },
    sceneTestMs,
  );

  test(
    "the target's folder vanishes, and a column that only the target has: both synchronisations stop",
    async () => {
      const { primary, secondary } = monitored.pair.stage.layout.servers;
      const fatal = ["FileSyncProblemFatal", "DbSyncProblemFatal"] as const;
      await scene([...fatal, ...ofFatal], async () => {
        renameSync(secondary.uploadFolder, `${secondary.uploadFolder}-away`);
        writeFileSync(join(primary.uploadFolder, "new.txt"), "new");
        await onDatabase("secondary", "ALTER TABLE orders ADD COLUMN more text");
        await untilTold("raised", fatal);
        await untilInhibited("ConfigurationError");
        await untilTold("repeated", fatal);
        renameSync(`${secondary.uploadFolder}-away`, secondary.uploadFolder);
        await onDatabase("secondary", "ALTER TABLE orders DROP COLUMN more");
        await untilWell();
        await untilTold("resolved", fatal);
        await untilQuiet([...fatal, ...ofFatal]);
      });
    },
    sceneTestMs,
  );

  test(
    "the target's database is away until the journal is given up: SpareSync turns itself off and asks for a copy",
    async () => {
      const codes = ["DbSyncProblemWarn", "DbSyncReInitRequired", "TurnedOff", "TurnedOn"] as const;
      await scene([...codes, ...ofFatal, "DbSyncProblemFatal"], async () => {
        await monitored.pipes.database.close();
        // While nothing is written, nobody misses the target's database.
        await onDatabase("primary", "INSERT INTO orders VALUES ('one', 'x', 'primary', 1)");
        await untilTold("repeated", ["DbSyncProblemWarn"]);
        const rows = "SELECT 'row' || n, repeat('x', 1000), 'primary', 1 FROM generate_series(1, 3000) n";
        await onDatabase("primary", `INSERT INTO orders ${rows}`);
        await untilTold("raised", ["TurnedOff", "DbSyncReInitRequired"]);
        await monitored.pipes.database.open();
        // In this order: turned on with nothing asked for, it would turn itself off again.
        await operator("database", "reinitialise", "--database", "shop");
        await operator("on", "--reason", "looked");
        await untilTold("raised", ["TurnedOn"]);
        await untilWell();
        await untilTold("resolved", ["DbSyncProblemWarn", "DbSyncReInitRequired"]);
        await untilQuiet(["DbSyncProblemWarn", "DbSyncReInitRequired", "DbSyncProblemFatal", ...ofFatal]);
      });
    },
    sceneTestMs,
  );

  test(
    "the other actor is stopped, and comes back in another time zone to ports that are taken",
    async () => {
      const { host, adminPort, linkPort } = monitored.pair.stage.layout.servers.secondary;
      const byTheWay = ["MissingConnection", "FileSyncProblemWarn", "DbSyncProblemWarn"] as const;
      await scene(["OtherStoppedNotify", ...listeners, "ConfigurationError", ...byTheWay], async () => {
        await monitored.actors.get("secondary")?.end();
        await untilTold("raised", ["OtherStoppedNotify"]);
        await untilTold("repeated", ["OtherStoppedNotify"]);
        await untilInhibited("ActorDown");
        const taken = [await takePort(host, adminPort), await takePort(host, linkPort)];
        monitored.startActor("secondary", { TZ: "America/New_York" });
        await untilTold("raised", [...listeners, "ConfigurationError"]);
        await untilTold("repeated", [...listeners, "ConfigurationError"]);
        for (const server of taken) server.close();
        await untilTold("resolved", listeners);
        await monitored.actors.get("secondary")?.end();
        monitored.startActor("secondary");
        await untilTrue("it is there", async () => (await monitored.pair.stage.status("secondary")) !== undefined);
        await untilWell();
        await untilTold("resolved", ["OtherStoppedNotify", "ConfigurationError"]);
        await untilQuiet(["OtherStoppedNotify", ...listeners, "ConfigurationError", ...byTheWay]);
      });
    },
    sceneTestMs,
  );

  test(
    "a switchover is forbidden by the administrator's own program: it fails",
    async () => {
      await scene(["SwitchedFailed"], async () => {
        writeFileSync(monitored.vetoFile, "");
        await operator("switch", "--to", "secondary", "--reason", "patches");
        await untilTold("raised", ["SwitchedFailed"]);
        rmSync(monitored.vetoFile);
      });
      expect(await monitored.pair.stage.isServing("primary")).toBe(true);
    },
    sceneTestMs,
  );

  test(
    "the application dies on the primary: a failover is asked for exactly once, and done",
    async () => {
      const events = ["SwitchOnMainAppUnavailable", "SwitchedSuccessfully"] as const;
      const since = Date.now();
      await scene(["MainAppInvisible", "MainAppVisible", ...events], async () => {
        await monitored.loseApplication("primary");
        await untilTold("raised", events);
        await untilTrue("the secondary serves", () => monitored.pair.stage.isServing("secondary"));
        await untilTrue("Alertmanager has told it and called it over", () =>
          tellers("MainAppInvisible", "resolved").includes("alertmanager"),
        );
        await untilQuiet(["MainAppInvisible"]);
        // Nothing goes back by itself: the pair stays switched, its copies not whole, until somebody switches back.
        await operator("mark-checked");
      });
      for (const server of serverNames) {
        const events = await monitored.history(server, since);
        const asked = events.filter(({ name }) => name === "FailoverAsked");
        expect([server, asked.map(({ who }) => who)]).toEqual([server, ["alertmanager"]]);
      }
      const begun = (await monitored.history("secondary", since)).filter(({ name }) => name === "OperationStarted");
      expect(begun.map(({ who }) => who)).toEqual(["alertmanager"]);
    },
    sceneTestMs,
  );

  test(
    "the link is cut and the application dies on the secondary, where nothing takes over by itself",
    async () => {
      const lost = ["MissingConnection", "MainAppInvisible"] as const;
      await scene([...lost, "MainAppVisible", "FileSyncProblemWarn", "DbSyncProblemWarn"], async () => {
        for (const pipe of monitored.pipes.link) await pipe.close();
        await monitored.loseApplication("secondary");
        await untilTold("raised", lost);
        await untilTold("repeated", lost);
        await monitored.startApplication("secondary");
        for (const pipe of monitored.pipes.link) await pipe.open();
        await untilTold("resolved", lost);
        await untilQuiet([...lost, "FileSyncProblemWarn", "DbSyncProblemWarn"]);
      });
    },
    sceneTestMs,
  );
});

describe("of every message", () => {
  const incidents = new Map<MessageCode, readonly Incident[]>();
  const histories = new Map<ServerName, readonly EventRecord[]>();
  beforeAll(async () => {
    for (const server of serverNames) histories.set(server, await monitored.history(server, 0));
    for (const code of messageCodes) incidents.set(code, await findIncidents(monitored, code));
  });

  /** So that an alert without a reason says what was going on. */
  const happenedAbout = (seconds: number): string =>
    [...histories]
      .flatMap(([server, events]) =>
        events.map(({ atMs, name, why }) => ({ at: atMs / 1000 - seconds, server, name, why })),
      )
      .filter(({ at }) => at > -20 && at < 5)
      .map(({ at, server, name, why }) => `${at.toFixed(1)} s: ${server} ${name} ${why}`)
      .join("; ");

  test.each(messageCodes)("%s fired after its delay and not before, and only with a reason", (code) => {
    const told = incidents.get(code) ?? [];
    const waits = forSeconds(alertTiming(code, overrides).delaySeconds);
    const fired = told.filter(({ firingSeconds }) => firingSeconds !== undefined);
    expect(fired.length).toBeGreaterThan(0);
    for (const { activeSeconds, firingSeconds = 0, lastPendingSeconds } of fired) {
      expect(firingSeconds - activeSeconds).toBeGreaterThanOrEqual(waits);
      // At the first evaluation at which the delay was over; Prometheus shows its beginning in whole seconds.
      if (lastPendingSeconds !== undefined) expect(lastPendingSeconds - activeSeconds).toBeLessThan(waits + 1);
      const during = windows.filter(({ from, to }) => isWithin(activeSeconds, from, to)).map(({ codes }) => codes);
      const isFirstStart = code === "MainAppVisible";
      const hasReason = isFirstStart || during.some((codes) => codes.includes(code));
      const seen = { code, activeSeconds, happened: happenedAbout(activeSeconds), hasReason };
      expect(seen).toEqual({ ...seen, hasReason: true });
    }
  });

  test.each(messageCodes)("%s was told by mail at its frequency, and not more often", (code) => {
    const { delaySeconds, repeatSeconds } = alertTiming(code, overrides);
    const threads = groupByThread(monitored.mails.filter((mail) => mail.code === code && mail.kind !== "resolved"));
    expect(new Set(threads.map(([first]) => first?.by))).toEqual(new Set(both));
    for (const thread of threads) {
      if (messageCatalogue[code].repeatSeconds === undefined) expect(thread).toHaveLength(1);
      thread.forEach(({ by, sinceSeconds, sentSeconds }, times) => {
        const before = thread[times - 1];
        // An actor's first mail may have waited for the mail server, so what counts is the beginning of its thread.
        const soonest =
          by === "actor"
            ? sinceSeconds + delaySeconds + times * repeatSeconds
            : (before?.sentSeconds ?? -Infinity) + repeatSeconds;
        expect(sentSeconds).toBeGreaterThanOrEqual(soonest - cutOffSeconds);
      });
    }
  });

  test("what has happened is never called over", () => {
    const resolved = monitored.mails.filter(({ kind }) => kind === "resolved").map(({ code }) => code);
    expect(resolved.filter((code) => eventCodes.some((event) => event === code))).toEqual([]);
  });
});

function isWithin(seconds: number, from: number, to: number): boolean {
  return seconds >= from - 1 && seconds <= to + 1;
}

function groupByThread(mails: readonly ToldMail[]): readonly (readonly ToldMail[])[] {
  const threads = new Map<string, ToldMail[]>();
  for (const mail of mails) threads.set(threadOf(mail), [...(threads.get(threadOf(mail)) ?? []), mail]);
  return [...threads.values()];
}
