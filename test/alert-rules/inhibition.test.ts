import { expect, test } from "@jest/globals";
import { alerts } from "../../alert-rules/alerts.js";
import { inhibitions } from "../../alert-rules/inhibition.js";
import { alertCatalogue } from "../../shared/core/alert-catalogue.js";

test("nothing silences an alert that asks for a failover, an event, or what says that data are lost", () => {
  const silenced = inhibitions.flatMap(({ silent }) => silent);
  expect(silenced.filter((code) => alertCatalogue[code].action !== undefined)).toEqual([]);
  expect(silenced.filter((code) => alertCatalogue[code].kind === "event")).toEqual([]);
  for (const code of ["FileSyncProblemFatal", "DbSyncProblemFatal", "DbSyncReInitRequired", "TwoActive"] as const) {
    expect(silenced).not.toContain(code);
  }
});

test("no alert silences itself, and both sides have the labels that must be equal", () => {
  for (const { because, silent, equal } of inhibitions) {
    expect(because.filter((code) => silent.includes(code))).toEqual([]);
    for (const code of [...because, ...silent]) {
      const labels = alerts.find((alert) => alert.code === code)!.fires.flatMap((scene) => Object.keys(scene.labels));
      expect([code, equal.filter((label) => !labels.includes(label))]).toEqual([code, []]);
    }
  }
});
