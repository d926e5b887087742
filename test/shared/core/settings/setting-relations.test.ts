import { describe, expect, test } from "@jest/globals";
import { findBrokenRelations } from "../../../../shared/core/settings/setting-relations.js";
import { formatSettingPath } from "../../../../shared/core/settings/settings-list.js";
import { exampleSettings, type ExampleInput } from "../../../support/settings-example.js";

function brokenPaths(change: (input: ExampleInput) => void): string[][] {
  return findBrokenRelations(exampleSettings(change)).map(({ paths }) => paths.map(formatSettingPath));
}

describe("settings that go together", () => {
  test.each<[string, (input: ExampleInput) => void]>([
    ["nothing is changed", () => undefined],
    ["confirmSeconds is exactly a third of selfFenceSeconds", (s) => (s.ownership.confirmSeconds = 20)],
    ["limitSeconds is just below confirmSeconds", (s) => (s.dns.limitSeconds = 9.9)],
    ["inactiveAfterSeconds is exactly twice heartbeatSeconds", (s) => (s.link.heartbeatSeconds = 7.5)],
    [
      "http admin on loopback",
      (s) => Object.assign(s.admin, { transport: "http", listen: { host: "127.0.0.1", port: 1 } }),
    ],
    ["the name is the zone itself", (s) => (s.dns.name = "example.org")],
    ["name and zone differ in case and final dot", (s) => (s.dns.name = "Shop.EXAMPLE.org.")],
    ["probeSeconds is just below allowedUnavailabilitySeconds", (s) => (s.failover.probeSeconds = 119)],
    ["two probes are just there in time", (s) => Object.assign(s.failover, { probesFailed: 3, probeSeconds: 60 })],
    ["as many failed probes as are considered", (s) => Object.assign(s.failover, { probesFailed: 3 })],
    ["asks are valid for as long as allowed", (s) => Object.assign(s.failover, { askValidSeconds: 120 })],
    [
      "recoverySeconds is as long as allowed",
      (s) => Object.assign(s.externalResources, { required: 1, recoverySeconds: 120 }),
    ],
    [
      "recoverySeconds is longer, but no resource is required",
      (s) => Object.assign(s.externalResources, { recoverySeconds: 121 }),
    ],
    ["all listed resources are required", (s) => (s.externalResources.required = 1)],
    ["folders that only begin alike", (s) => (s.folders[1]!.path = "/srv/uploads-2")],
    [
      "the same host with another port",
      (s) => (s.managedSystem.publicAddresses.secondary = { host: "192.0.2.1", port: 81 }),
    ],
    [
      "service intervals leave a minute of the week",
      (s) =>
        (s["serviceIntervals"] = {
          intervals: [
            { name: "day", start: "06:00", end: "18:00" },
            { name: "night", start: "18:01", end: "06:00" },
          ],
        }),
    ],
    ["tls off on ::1", (s) => (s.databases[0]!.address.host = "::1")],
  ])("when %s", (_, change) => {
    expect(brokenPaths(change)).toEqual([]);
  });
});

describe("broken relations", () => {
  test.each<[string, string[], (input: ExampleInput) => void]>([
    [
      "confirmSeconds is over a third of selfFenceSeconds",
      ["ownership.confirmSeconds", "ownership.selfFenceSeconds"],
      (s) => (s.ownership.confirmSeconds = 20.1),
    ],
    [
      "limitSeconds is confirmSeconds",
      ["dns.limitSeconds", "ownership.confirmSeconds"],
      (s) => (s.dns.limitSeconds = 10),
    ],
    [
      "inactiveAfterSeconds is less than twice heartbeatSeconds",
      ["link.heartbeatSeconds", "link.inactiveAfterSeconds"],
      (s) => (s.link.heartbeatSeconds = 7.6),
    ],
    [
      "messages go by mail and there is no mail server",
      ["notifications.mail.server", "notifications.via"],
      (s) => (s["notifications"] = { via: "both" }),
    ],
    [
      "a mail server has nobody to write to",
      ["notifications.mail.to", "notifications.mail.server"],
      (s) => (s["notifications"] = { mail: { server: { host: "::1", port: 25 }, from: "a@example.org" } }),
    ],
    [
      "mail without encryption leaves the machine",
      ["notifications.mail.security", "notifications.mail.server"],
      (s) => {
        const mail = { server: { host: "192.0.2.9", port: 25 }, from: "a@example.org", to: ["b@example.org"] };
        s["notifications"] = { mail: { ...mail, security: "none" } };
      },
    ],
    [
      "the password for Alertmanager would be readable on the way",
      ["notifications.alertmanagers[1]", "notifications.alertmanagerUser"],
      (s) => {
        const alertmanagers = ["http://127.0.0.1:9093", "http://192.0.2.9:9093", "https://192.0.2.9:9093"];
        s["notifications"] = { alertmanagers, alertmanagerUser: "sparesync" };
      },
    ],
    [
      "a message has two timings",
      ["notifications.overrides[1]", "notifications.overrides[0]"],
      (s) => (s["notifications"] = { overrides: ["TurnedOn:1:-", "TurnedOn:2:-"] }),
    ],
    ["the peer is this server", ["link.peer", "link.listen"], (s) => (s.link.peer = { ...s.link.listen })],
    ["http admin beyond loopback", ["admin.transport", "admin.listen"], (s) => (s.admin.transport = "http")],
    ["the name is in another zone", ["dns.name", "dns.zone"], (s) => (s.dns.name = "shop.example.com")],
    ["the name only ends like the zone", ["dns.name", "dns.zone"], (s) => (s.dns.name = "shopexample.org")],
    [
      "both servers share one of their addresses",
      ["dns.addresses.secondary", "dns.addresses.primary"],
      (s) => s.dns.addresses.secondary.push("192.0.2.1"),
    ],
    [
      "both servers have one public address",
      ["managedSystem.publicAddresses.secondary", "managedSystem.publicAddresses.primary"],
      (s) => (s.managedSystem.publicAddresses.secondary = { host: "192.0.2.1", port: 80 }),
    ],
    [
      "probeSeconds is allowedUnavailabilitySeconds",
      ["failover.probeSeconds", "failover.allowedUnavailabilitySeconds"],
      (s) => (s.failover.probeSeconds = 120),
    ],
    [
      "more probes must fail than are considered",
      ["failover.probesFailed", "failover.probesConsidered"],
      (s) => Object.assign(s.failover, { probesFailed: 3, probesConsidered: 2 }),
    ],
    [
      "the failed probes come later than allowed",
      ["failover.probesFailed", "failover.probeSeconds"],
      (s) => Object.assign(s.failover, { probesFailed: 3, probeSeconds: 61 }),
    ],
    [
      "asks are forgotten before they can be acted on",
      ["failover.askValidSeconds", "failover.allowedUnavailabilitySeconds"],
      (s) => Object.assign(s.failover, { askValidSeconds: 119 }),
    ],
    [
      "the own line recovers later than allowed",
      ["externalResources.recoverySeconds", "failover.allowedUnavailabilitySeconds"],
      (s) => Object.assign(s.externalResources, { required: 1, recoverySeconds: 121 }),
    ],
    [
      "two vantages have one name",
      ["failover.vantages[1].name", "failover.vantages[0].name"],
      (s) => {
        const vantage = { kind: "metrics", name: "office", site: "elsewhere", url: "http://192.0.2.9:9115/probe" };
        Object.assign(s.failover, { vantages: [vantage, vantage] });
      },
    ],
    [
      "more resources are required than listed",
      ["externalResources.required", "externalResources.resources"],
      (s) => (s.externalResources.required = 2),
    ],
    [
      "tls is off beyond loopback",
      ["databases[0].tls", "databases[0].address"],
      (s) => (s.databases[0]!.address.host = "192.0.2.7"),
    ],
    [
      "service intervals leave no time for a failover",
      ["serviceIntervals.intervals"],
      (s) => (s["serviceIntervals"] = { intervals: [{ name: "always", start: "00:00", end: "00:00" }] }),
    ],
    [
      "two service intervals have one name",
      ["serviceIntervals.intervals[1].name", "serviceIntervals.intervals[0].name"],
      (s) =>
        (s["serviceIntervals"] = {
          intervals: [
            { name: "night", start: "01:00", end: "02:00" },
            { name: "night", start: "03:00", end: "04:00" },
          ],
        }),
    ],
    ["two listeners share a port", ["admin.listen", "link.listen"], (s) => (s.admin.listen.port = 7401)],
    [
      "a listener on all addresses takes another's port",
      ["exporter.listen", "link.listen"],
      (s) => (s.exporter.listen = { host: "0.0.0.0", port: 7401 }),
    ],
    ["two folders have one name", ["folders[1].name", "folders[0].name"], (s) => (s.folders[1]!.name = "uploads")],
    [
      "two databases have one name",
      ["databases[1].name", "databases[0].name"],
      (s) => s.databases.push({ ...s.databases[0]! }),
    ],
    [
      "two resources have one name",
      ["externalResources.resources[1].name", "externalResources.resources[0].name"],
      (s) => s.externalResources.resources.push({ ...s.externalResources.resources[0]! }),
    ],
    [
      "two folders are the same",
      ["folders[1].path", "folders[0].path"],
      (s) => (s.folders[1]!.path = "/srv/./uploads/"),
    ],
    [
      "a later folder lies inside an earlier one",
      ["folders[1].path", "folders[0].path"],
      (s) => (s.folders[1]!.path = "/srv/x/../uploads/a"),
    ],
    [
      "an earlier folder lies inside a later one",
      ["folders[0].path", "folders[1].path"],
      (s) => (s.folders[1]!.path = "/srv"),
    ],
    [
      "the state lies in a synchronised folder",
      ["stateDirectory", "folders[0].path"],
      (s) => (s.stateDirectory = "/srv/uploads/state"),
    ],
    [
      "a synchronised folder lies in the state",
      ["stateDirectory", "folders[0].path"],
      (s) => (s.folders[0]!.path = "/var/lib/sparesync/uploads"),
    ],
  ])("when %s: %s", (_, paths, change) => {
    expect(brokenPaths(change)).toEqual([paths]);
    const [broken] = findBrokenRelations(exampleSettings(change));
    expect(broken?.because).not.toBe("");
    expect(broken?.hint).not.toBe("");
  });

  test("sections that are not valid by themselves do not hide relations of the others", () => {
    const { link, dns } = exampleSettings((s) => {
      s.link.heartbeatSeconds = 14;
      s.dns.limitSeconds = 59;
    });
    expect(findBrokenRelations({ link, dns }).map(({ paths }) => formatSettingPath(paths[0]))).toEqual([
      "link.heartbeatSeconds",
    ]);
  });
});
