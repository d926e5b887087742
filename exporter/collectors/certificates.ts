import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorMessage } from "../../shared/core/app-error.js";
import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import type { WatchedCertificate } from "../../shared/core/metrics/exporter-metrics.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { Collector } from "../collector.js";

/**
 * When the certificates in use end; read each time, because they are replaced while the exporter runs. One that cannot be
 * read keeps no other one from being watched.
 */
export const certificates: Collector = {
  name: "certificates",
  async collect({ settings, shownCertificate }) {
    const results = await Promise.allSettled(filesInUse(settings).map(readEnd));
    const read = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const samples = [...read.map(({ end }) => end), ...endOfShown(shownCertificate, read)];
    const failures = results.flatMap((result) => (result.status === "rejected" ? [errorMessage(result.reason)] : []));
    return failures.length === 0 ? samples : { samples, because: failures.join("; ") };
  },
};

interface CertificateFile {
  readonly certificate: WatchedCertificate;
  readonly file: string;
}

function filesInUse({ link, admin }: Settings): readonly CertificateFile[] {
  const ofLink: readonly CertificateFile[] = [
    { certificate: "link", file: link.certificateFile },
    { certificate: "peer", file: link.peerCertificateFile },
  ];
  const ofAdmin: readonly CertificateFile[] = [{ certificate: "admin", file: admin.certificateFile }];
  return [...(link.transport === "https" ? ofLink : []), ...(admin.transport === "https" ? ofAdmin : [])];
}

interface ReadCertificate {
  readonly certificate: WatchedCertificate;
  readonly fingerprint: string;
  readonly end: Sample;
}

async function readEnd({ certificate, file }: CertificateFile): Promise<ReadCertificate> {
  const found = new X509Certificate(await readFile(file));
  return { certificate, fingerprint: found.fingerprint256, end: endOf(certificate, found) };
}

/**
 * Of what is shown and not of the file that it was read from: a new certificate that could not be taken up is no help. Of
 * one that is the link's as well, as `sparesync init` writes it, nobody must be told twice.
 */
function endOfShown(shown: string | undefined, read: readonly ReadCertificate[]): readonly Sample[] {
  if (shown === undefined) return [];
  const found = new X509Certificate(shown);
  const link = read.find(({ certificate }) => certificate === "link");
  return link?.fingerprint === found.fingerprint256 ? [] : [endOf("exporter", found)];
}

function endOf(certificate: WatchedCertificate, { validTo }: X509Certificate): Sample {
  return sample("sparesync_tls_certificate_not_after_timestamp_seconds", seconds(Date.parse(validTo)), {
    certificate,
  });
}
