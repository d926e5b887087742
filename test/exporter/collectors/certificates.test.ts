import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generate } from "selfsigned";
import { certificates } from "../../../exporter/collectors/certificates.js";
import type { IncompleteCollection } from "../../../exporter/collector.js";
import { emptyProbeRecord } from "../../../exporter/core/probe-record.js";
import type { Sample } from "../../../shared/core/metric-catalogue.js";
import { sampleSettings } from "../../support/sample-settings.js";

let directory: string;
let file: string;
let certificate: string;
const end = new Date("2031-02-03T04:05:06Z");

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "certificates-"));
  file = path.join(directory, "certificate.pem");
  const { cert } = await generate([{ name: "commonName", value: "a" }], { notAfterDate: end });
  certificate = cert;
  await writeFile(file, cert);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function collect(
  peerCertificateFile: string,
  { transport = "https", shown }: { readonly transport?: "https" | "http"; readonly shown?: string } = {},
) {
  const settings = sampleSettings();
  return await certificates.collect({
    settings: {
      ...settings,
      link: { ...settings.link, transport, certificateFile: file, peerCertificateFile },
      admin: { ...settings.admin, transport, certificateFile: file },
    },
    version: "",
    status: undefined,
    managedSystem: emptyProbeRecord,
    externalResources: undefined,
    shownCertificate: shown,
  });
}

test("the end of each certificate in use is shown", async () => {
  const samples = (await collect(file)) as readonly Sample[];
  expect(samples.map(({ labels, value }) => [labels["certificate"], value])).toEqual([
    ["link", end.getTime() / 1000],
    ["peer", end.getTime() / 1000],
    ["admin", end.getTime() / 1000],
  ]);
});

test("an unreadable certificate is told, and keeps no other one from being shown", async () => {
  const { samples, because } = (await collect(path.join(directory, "missing.pem"))) as IncompleteCollection;
  expect(samples.map(({ labels }) => labels["certificate"])).toEqual(["link", "admin"]);
  expect(because).toContain("ENOENT");
});

test("without TLS there is no certificate to watch", async () => {
  expect(await collect("missing.pem", { transport: "http" })).toEqual([]);
});

describe("the certificate that the exporter itself shows", () => {
  const own = new Date("2030-01-02T03:04:05Z");
  let shown: string;
  beforeAll(async () => {
    shown = (await generate([{ name: "commonName", value: "b" }], { notAfterDate: own })).cert;
  });
  const ofExporter = (found: unknown) =>
    (found as readonly Sample[]).filter(({ labels }) => labels["certificate"] === "exporter");

  test("is shown where it is another one than the link's", async () => {
    expect(ofExporter(await collect(file, { shown }))).toEqual([
      expect.objectContaining({ value: own.getTime() / 1000 }),
    ]);
    expect(ofExporter(await collect(file, { shown, transport: "http" }))).toHaveLength(1);
  });

  test("is told once where it is the link's as well", async () => {
    expect(ofExporter(await collect(file, { shown: certificate }))).toEqual([]);
  });
});
