import { describe, expect, test } from "@jest/globals";
import { findNearestKey } from "../../../../shared/core/settings/nearest-key.js";
import { comparePairSettings, encodePairSettings } from "../../../../shared/core/settings/pair-settings.js";
import {
  findSetting,
  formatSettingPath,
  knownKeys,
  listSettings,
  listUndescribedSettings,
  mapSettings,
} from "../../../../shared/core/settings/settings-list.js";
import { exampleSettings, type ExampleInput } from "../../../support/settings-example.js";

describe("the list of settings", () => {
  test("every leaf of the schema has metadata", () => {
    expect(listUndescribedSettings()).toEqual([]);
    expect(listSettings().length).toBeGreaterThan(70);
  });

  test("purposes are sentences, and durations are in seconds", () => {
    for (const { path, metadata } of listSettings()) {
      expect([path, metadata.purpose]).toEqual([path, expect.stringMatching(/^[A-Za-z0-9.].{8,}[.]$/)]);
      expect([path, metadata.unit === "seconds"]).toEqual([path, path.endsWith("Seconds")]);
    }
  });

  test("every leaf named after a file, path or directory is declared as a path of this server", () => {
    const named = listSettings().filter(({ path }) => /(File|Directory|^folders\[\]\.path|\.directory)$/.test(path));
    expect(named.length).toBeGreaterThan(10);
    for (const { path, metadata } of named)
      expect([path, metadata.scope, metadata.path]).toEqual([path, "server", expect.any(String)]);
    expect(listSettings().filter(({ metadata }) => metadata.path !== undefined)).toHaveLength(named.length);
  });

  test("a leaf shows its type, its default and whether it is required", () => {
    const rows = listSettings().map(({ path, type, isRequired, default: value }) => [path, type, value, isRequired]);
    expect(rows).toEqual(
      expect.arrayContaining([
        ["pair", "text", undefined, true],
        ["link.listen", "`{ host, port }`", undefined, true],
        ["link.heartbeatSeconds", "number from 0.2 to 60", 5, false],
        ["link.pairKeyFile", "path", "pair-key", false],
        ["managedSystem.controls[command].kill", "list of: text", undefined, false],
        ["managedSystem.testPage.expectedStatus", "whole number from 100 to 599", 200, false],
        ["dns.addresses.primary", "list of: IPv4 address or IPv6 address", undefined, true],
        ["failover.automatic", "`true` or `false`", true, false],
        ["server", "one of `primary`, `secondary`", undefined, true],
      ]),
    );
  });

  test.each([
    [["link", "listen", "port"], "link.listen"],
    [["folders", 3, "path"], "folders[].path"],
    [["managedSystem", "controls", 0, "stop", 1], "managedSystem.controls[command].stop"],
    [["link"], undefined],
    [[], undefined],
  ])("the leaf at %j is %s", (path, expected) => {
    expect(findSetting(path)?.path).toBe(expected);
  });

  test("a place is written with dots and brackets", () => {
    expect(formatSettingPath(["folders", 0, "path"])).toBe("folders[0].path");
    expect(formatSettingPath(["pair"])).toBe("pair");
  });

  test("the keys known at a place", () => {
    expect(knownKeys([])).toEqual(expect.arrayContaining(["pair", "folders", "clock"]));
    expect(knownKeys(["managedSystem", "controls", 0])).toEqual([
      "kind",
      "directory",
      "name",
      "start",
      "stop",
      "kill",
      "status",
    ]);
    expect(knownKeys(["link", "listen"])).toEqual(["host", "port"]);
    expect(knownKeys(["dns"])).toContain("addresses");
  });

  test("mapping changes the leaves only and keeps everything else", () => {
    const settings = exampleSettings();
    expect(mapSettings(settings, (_, value) => value)).toEqual(settings);
    const mapped = mapSettings(settings, ({ metadata }, value) => (metadata.path ? "X" : value));
    expect(mapped.folders.map(({ path, name }) => [path, name])).toEqual([
      ["X", "uploads"],
      ["X", "themes"],
    ]);
    expect(mapped.managedSystem.controls).toEqual([{ kind: "app-offline", directory: "X" }]);
    expect(mapped.databases[0]).not.toHaveProperty("passwordFile", "X");
  });
});

describe("pair-wide settings", () => {
  test.each<[string, string[], (s: ExampleInput) => void]>([
    ["nothing differs", [], () => undefined],
    [
      "a server's own addresses and paths differ",
      [],
      (s) => {
        s.server = "secondary";
        s.link.listen.host = "192.0.2.2";
        s.folders[0]!.path = "/data/uploads";
        s.stateDirectory = "/elsewhere";
      },
    ],
    ["folders stand in another order", [], (s) => s.folders.reverse()],
    ["a default is written out", [], (s) => Object.assign(s.folders[0]!, { delaySeconds: 3 })],
    ["a fence differs", ["ownership.selfFenceSeconds"], (s) => (s.ownership.selfFenceSeconds = 61)],
    [
      "a folder's delay differs",
      ["folders[themes].delaySeconds"],
      (s) => Object.assign(s.folders[1]!, { delaySeconds: 9 }),
    ],
    [
      "the order of addresses of the update server's keys",
      [],
      (s) => (s.dns.updateServer = { port: 53, host: "192.0.2.53" }),
    ],
    ["the update server differs", ["dns.updateServer"], (s) => (s.dns.updateServer.port = 54)],
  ])("when %s: %j", (_, expected, change) => {
    const [a, b] = [exampleSettings(), exampleSettings(change)];
    expect(comparePairSettings(a, b)).toEqual(expected);
    expect(comparePairSettings(b, a)).toEqual(expected);
    expect(encodePairSettings(a) === encodePairSettings(b)).toBe(expected.length === 0);
  });

  test("a folder that only one server has is a difference", () => {
    const paths = comparePairSettings(
      exampleSettings(),
      exampleSettings((s) => s.folders.pop()),
    );
    expect(paths).toContain("folders[themes].name");
  });
});

describe("the nearest key", () => {
  test.each([
    ["heartbeatSecond", "heartbeatSeconds"],
    ["heartbeat_seconds", "heartbeatSeconds"],
    ["hartbeatSecnds", "heartbeatSeconds"],
    ["Listen", "listen"],
    ["lisen", "listen"],
    ["timeout", undefined],
    ["per", "peer"],
    ["pxyr", "peer"],
    ["pxyz", undefined],
    ["xy", undefined],
    ["__proto__", undefined],
    ["a".repeat(100000), undefined],
  ])("%.20s → %s", (key, expected) => {
    expect(findNearestKey(key, ["listen", "peer", "heartbeatSeconds", "inactiveAfterSeconds"])).toBe(expected);
  });
});
