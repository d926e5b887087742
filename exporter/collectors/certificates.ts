import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorMessage } from "../../shared/core/app-error.js";
import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { Collector } from "../collector.js";

/**
 * When the certificates in use end; read each time, because they are replaced while the exporter runs. One that cannot be
 * read keeps no other one from being watched.
 */
export const certificates: Collector = {
  name: "certificates",
  async collect({ settings }) {
    const results = await Promise.allSettled(filesInUse(settings).map(readEnd));
    const samples = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failures = results.flatMap((result) => (result.status === "rejected" ? [errorMessage(result.reason)] : []));
    return failures.length === 0 ? samples : { samples, because: failures.join("; ") };
  },
};

interface CertificateFile {
  readonly certificate: "link" | "peer" | "admin";
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

async function readEnd({ certificate, file }: CertificateFile): Promise<Sample> {
  const { validTo } = new X509Certificate(await readFile(file));
  return sample("sparesync_tls_certificate_not_after_timestamp_seconds", seconds(Date.parse(validTo)), {
    certificate,
  });
}
