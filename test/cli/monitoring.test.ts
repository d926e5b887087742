import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { runCommand } from "../support/run-cli.js";
import { smallestSettings } from "../support/settings-example.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "monitoring-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function settingsFile(name: string, change: (text: string) => string = (text) => text): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, change(smallestSettings));
  return file;
}

const secondary = (text: string): string =>
  text
    .replace("server: primary", "server: secondary")
    .replace(
      "listen: { host: 192.0.2.1, port: 7401 }\n  peer: { host: 192.0.2.2",
      "listen: { host: 192.0.2.2, port: 7401 }\n  peer: { host: 192.0.2.1",
    )
    .replace("192.0.2.1, port: 7402", "0.0.0.0, port: 7502")
    .replace("192.0.2.1, port: 7403", "192.0.2.2, port: 7503");
const otherPair = (text: string): string => text.replace("pair: shop", "pair: mail");

async function generate(settings: readonly string[], ...more: string[]) {
  const out = path.join(directory, "out");
  const run = await runCommand(["monitoring", "generate", "--settings", ...settings, "--out", out, "--json", ...more]);
  const read = async (name: string) => parse(await readFile(path.join(out, name), "utf8")) as Record<string, unknown>;
  return { ...run, out, read };
}

test("scrapes both servers, of one settings file at the same ports, of both at their own", async () => {
  const primaryFile = await settingsFile("primary.yml");
  const one = await generate([primaryFile]);
  expect(one).toMatchObject({ exitCode: 0, json: { pairs: ["shop"] } });
  expect(JSON.stringify(one.json["notices"])).toMatch(/secondary is taken to listen at the same ports/);
  const targets = async (run: typeof one) => {
    const { scrape_configs: jobs } = await run.read("prometheus.yml");
    return (jobs as { static_configs: { targets: string[]; labels: object }[] }[]).flatMap((job) => job.static_configs);
  };
  expect(await targets(one)).toEqual([
    { targets: ["192.0.2.1:7403"], labels: { pair: "shop", side: "primary" } },
    { targets: ["192.0.2.2:7403"], labels: { pair: "shop", side: "secondary" } },
  ]);
  const both = await generate([primaryFile, await settingsFile("secondary.yml", secondary)]);
  expect((await targets(both)).map((target) => target.targets)).toEqual([["192.0.2.1:7403"], ["192.0.2.2:7503"]]);
  const text = await readFile(path.join(both.out, "alertmanager.yml"), "utf8");
  // It listens at all of its addresses: it is reached where the other server reaches it.
  expect(text).toContain("https://192.0.2.2:7502/webhooks/alertmanager");
});

test("scrapes as the web configuration of the exporter asks, and openly only where the settings say so", async () => {
  const jobs = async (change: (text: string) => string) => {
    const run = await generate([await settingsFile("one.yml", change)]);
    return (await run.read("prometheus.yml"))["scrape_configs"] as Record<string, unknown>[];
  };
  const place = "/etc/sparesync-monitoring/sparesync-shop-primary";
  // As sparesync init writes it, where the file itself lies on another machine.
  expect((await jobs((text) => text))[0]).toMatchObject({
    scheme: "https",
    tls_config: { ca_file: `${place}-exporter.pem` },
    basic_auth: { username: "prometheus", password_file: `${place}-scrape-password` },
    relabel_configs: [{ target_label: "job", replacement: "sparesync" }],
  });
  const listen = "listen: { host: 192.0.2.1, port: 7403 }";
  const open = await jobs((text) => text.replace(listen, `${listen}\n  openToEverybody: true`));
  expect(open).toMatchObject([{ job_name: "sparesync" }]);
  expect(JSON.stringify(open)).not.toMatch(/https|basic_auth/);
  await writeFile(path.join(directory, "web-config.yml"), "tls_server_config: { cert_file: a.pem, key_file: b.pem }\n");
  const [withoutUsers] = await jobs((text) => text);
  await rm(path.join(directory, "web-config.yml"));
  expect(withoutUsers).toMatchObject({ scheme: "https" });
  expect(withoutUsers).not.toHaveProperty("basic_auth");
});

test("takes delay and frequency of the settings; pairs that differ have rules of their own", async () => {
  const overridden = "notifications: { overrides: ['MissingConnection:30:600', 'TurnedOff:1:-'] }\n";
  const shop = await settingsFile("shop.yml", (text) => text + overridden);
  const rules = async (run: Awaited<ReturnType<typeof generate>>) => {
    const { groups } = await run.read("sparesync-rules.yml");
    return groups as {
      name: string;
      rules: { alert: string; expr: string; for?: string; labels: { repeat: string } }[];
    }[];
  };
  const [only] = await rules(await generate([shop]));
  const alone = only!.rules.find(({ alert }) => alert === "SpareSyncMissingConnection")!;
  expect(alone).toMatchObject({ expr: "sparesync_peer_connected == 0", for: "30s", labels: { repeat: "10m" } });

  const groups = await rules(await generate([shop, await settingsFile("mail.yml", otherPair)]));
  expect(groups.map(({ name, rules: { length } }) => [name, length])).toEqual([
    ["sparesync-shop", 39],
    ["sparesync-mail", 39],
    ["sparesync", 1],
  ]);
  const delays = groups.map((group) => group.rules.find(({ alert }) => alert === "SpareSyncMissingConnection"));
  expect(delays.map((rule) => [rule?.expr, rule?.for])).toEqual([
    ['sparesync_peer_connected{pair="shop"} == 0', "30s"],
    ['sparesync_peer_connected{pair="mail"} == 0', "1m"],
    [undefined, undefined],
  ]);
});

test("alerts of each pair lead where its own settings say, and it is said where they lead nowhere", async () => {
  const links = (host: string) => (text: string) =>
    `${text}notifications: { runbookUrl: "https://${host}/runbooks", grafanaUrl: "https://${host}/grafana/" }\n`;
  const shop = await settingsFile("shop.yml", links("shop.test"));
  const linksOf = async (run: Awaited<ReturnType<typeof generate>>) => {
    const { groups } = await run.read("sparesync-rules.yml");
    return (groups as { rules: { alert: string; annotations: Record<string, string> }[] }[]).map(({ rules }) => {
      const { annotations } = rules.find(({ alert }) => /MissingConnection|Watchdog/.test(alert))!;
      return [annotations["runbook_url"], annotations["dashboard_url"]];
    });
  };
  const overview = "grafana/d/sparesync-pair-overview?var-pair={{ $labels.pair }}";
  const ofShop = ["https://shop.test/runbooks/SpareSyncMissingConnection.md", `https://shop.test/${overview}`];
  expect(await linksOf(await generate([shop]))).toEqual([ofShop]);
  const two = await generate([shop, await settingsFile("mail.yml", (text) => links("mail.test")(otherPair(text)))]);
  expect((await linksOf(two)).slice(0, 2)).toEqual([
    ofShop,
    ["https://mail.test/runbooks/SpareSyncMissingConnection.md", `https://mail.test/${overview}`],
  ]);
  expect(JSON.stringify(two.json["notices"])).not.toMatch(/Url/);
  const none = await generate([await settingsFile("none.yml")]);
  expect(JSON.stringify(none.json["notices"])).toMatch(/shop: notifications.runbookUrl is not set.*grafanaUrl/);
});

test("mutes in service intervals that the application is away and the connection lost, and nothing else", async () => {
  const intervals =
    "serviceIntervals: { timeZone: Europe/Vienna, intervals: [{ name: night, start: '02:00', end: '03:00' }] }\n";
  const shop = await settingsFile("shop.yml", (text) => text + intervals);
  const run = await generate([shop, await settingsFile("mail.yml", otherPair)]);
  const { route, time_intervals: times } = await run.read("alertmanager.yml");
  const routes = (route as { routes: { matchers: string[]; mute_time_intervals?: string[] }[] }).routes;
  const muted = routes.filter((one) => one.mute_time_intervals !== undefined);
  expect(muted.map(({ matchers, mute_time_intervals }) => [matchers.slice(0, 2), mute_time_intervals])).toEqual([
    [['pair="shop"', 'code=~"MainAppInvisible|MissingConnection"'], ["service-intervals-shop"]],
    [['pair="shop"', 'code=~"MainAppInvisible|MissingConnection"'], ["service-intervals-shop"]],
  ]);
  expect((times as { name: string }[]).map(({ name }) => name)).toEqual(["service-intervals-shop"]);
});

test("people are reached as a file says; of an event no end is told", async () => {
  const people = path.join(directory, "people.yml");
  await writeFile(people, "webhook_configs:\n  - url: http://127.0.0.1:9/people\n");
  const run = await generate([await settingsFile("shop.yml")], "--people", people);
  const { receivers } = await run.read("alertmanager.yml");
  expect((receivers as object[]).slice(0, 2)).toEqual([
    { name: "people", webhook_configs: [{ url: "http://127.0.0.1:9/people", send_resolved: true }] },
    { name: "people-events", webhook_configs: [{ url: "http://127.0.0.1:9/people", send_resolved: false }] },
  ]);
  await writeFile(people, "email: a@example.org\n");
  const wrong = await generate([await settingsFile("shop.yml")], "--people", people);
  expect(wrong).toMatchObject({ exitCode: 1, json: { error: { code: "REQUEST_INVALID" } } });
});

test("the watchdog goes where a file says; without one it is said that nobody waits for it", async () => {
  const shop = await settingsFile("shop.yml");
  const watchdog = path.join(directory, "watchdog.yml");
  await writeFile(watchdog, "webhook_configs:\n  - url: http://127.0.0.1:9/alive\n");
  const connected = await generate([shop], "--watchdog", watchdog);
  const { receivers } = await connected.read("alertmanager.yml");
  expect((receivers as { name: string }[]).find(({ name }) => name === "watchdog")).toEqual({
    name: "watchdog",
    webhook_configs: [{ url: "http://127.0.0.1:9/alive", send_resolved: false }],
  });
  expect(JSON.stringify(connected.json["notices"])).not.toContain("--watchdog");
  expect(JSON.stringify((await generate([shop])).json["notices"])).toContain("no --watchdog FILE");
  await writeFile(watchdog, "url: a\n");
  const wrong = await generate([shop], "--watchdog", watchdog);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toContain("--watchdog");
});

test("writes again over what it made, and not over what a person has changed", async () => {
  const shop = await settingsFile("shop.yml");
  await generate([shop]);
  const { out, exitCode } = await generate([shop], "--scrape-seconds", "10");
  expect(exitCode).toBe(0);
  const file = path.join(out, "prometheus.yml");
  expect(await readFile(file, "utf8")).toContain("scrape_interval: 10s");
  await writeFile(file, `${await readFile(file, "utf8")}\n# mine\n`);
  const rules = await readFile(path.join(out, "sparesync-rules.yml"), "utf8");
  const refused = await generate([await settingsFile("shop.yml", (text) => text.replace("shop", "mail"))]);
  expect(refused).toMatchObject({ exitCode: 1, json: { error: { code: "FILE_FAILED" } } });
  expect(refused.stderr).toContain("prometheus.yml was changed by hand");
  expect(await readFile(path.join(out, "sparesync-rules.yml"), "utf8")).toBe(rules);
});

test.each([
  { when: "the same server twice", more: [], twice: true, says: /primary of the pair shop was given already/ },
  { when: "an Alertmanager that is no address", more: ["--alertmanager", "a b"], says: /--alertmanager a b/ },
  { when: "a scrape every hour", more: ["--scrape-seconds", "3600"], says: /from 0.1 to 300/ },
])("refuses $when", async ({ more, twice, says }) => {
  const file = await settingsFile("shop.yml");
  const run = await generate(twice ? [file, file] : [file], ...more);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toMatch(says);
});

test("an override that names no code is refused with its place in the file", async () => {
  const file = await settingsFile("shop.yml", (text) => `${text}notifications:\n  overrides:\n    - MainAppGone:1:1\n`);
  const run = await generate([file]);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/shop.yml:\d+: notifications.overrides\[0\].*names no code/);
});
