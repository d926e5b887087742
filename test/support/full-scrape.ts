import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectors } from "../../exporter/collectors/index.js";
import { emptyProbeRecord, nextProbeRecord } from "../../exporter/core/probe-record.js";
import { watchProcess } from "../../exporter/process-metrics.js";
import { scrape } from "../../exporter/scrape.js";
import type { LocalStatus } from "../../shared/core/local-status.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { makeCertificate } from "./certificates.js";
import { anOperation } from "./fake-actor.js";
import { rememberLog } from "./log-memory.js";
import { sampleSettings } from "./sample-settings.js";
import { sampleStatus } from "./sample-status.js";

/** The text of one scrape of an exporter whose actor has something to say of everything that there are metrics for. */
export async function scrapeEverything(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "full-scrape-"));
  const certificateFile = join(folder, "certificate.pem");
  writeFileSync(certificateFile, (await makeCertificate("any")).certificate);
  const { certificate: shown } = await makeCertificate("exporter");
  const settings = sampleSettings();
  const seen = { available: true, because: "", durationMs: 20 };
  const one = { name: "a", isReachable: true, because: "" };
  try {
    return await scrape(
      {
        ports: {
          settings: {
            ...settings,
            link: { ...settings.link, certificateFile, peerCertificateFile: certificateFile },
            admin: { ...settings.admin, certificateFile },
          },
          version: "0.1.0",
          clock: createSystemClock(),
          log: rememberLog(),
          readStatus: () => Promise.resolve(fullStatus()),
          readProcessMetrics: watchProcess(),
        },
        probes: {
          managedSystem: () =>
            nextProbeRecord(emptyProbeRecord, { wallMs: 1000, vantage: "active", local: seen, public: seen }),
          externalResources: () => ({ available: true, because: "", resources: [one] }),
          processMetrics: () => undefined,
          run: () => Promise.resolve(),
        },
        collectors,
        noteFailure: () => undefined,
        shownCertificate: () => shown,
      },
      5,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fullStatus(): LocalStatus {
  const status = sampleStatus({
    state: "turned_off",
    because: "turned off by olga: patches",
    isEnabled: false,
    lastTurnedOff: { atMs: 1, because: "olga: patches", isChecked: false },
    vantages: { askedAtMs: 1, words: [{ name: "office", says: "up", because: "", site: "elsewhere" }] },
    configurationErrors: [{ reason: "clocks-apart", because: "", sinceMs: 1, isLasting: true }],
    counters: { "loop_failures.confirm": 1 },
    lastOperations: [anOperation],
  });
  // Before the first decision: every criterion has its series all the same.
  delete status.decision;
  return status;
}
