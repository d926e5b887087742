import { isIP } from "node:net";

const validYears = 10;

/**
 * A self-signed certificate (EC P-256) and its key, both PEM, for the link and the admin listener of one server. The
 * peer pins exactly this certificate, so it needs no authority; the hosts are for browsers and Alertmanager.
 */
export async function createSelfSignedCertificate(
  commonName: string,
  hosts: readonly string[],
): Promise<{ readonly certificate: string; readonly privateKey: string }> {
  const notBeforeDate = new Date();
  // The other server's clock may be behind: valid from an hour ago.
  notBeforeDate.setHours(notBeforeDate.getHours() - 1);
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + validYears);
  // Loaded only here: `sparesync init` alone needs it.
  const { generate } = await import("selfsigned");
  const pem = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      {
        name: "subjectAltName",
        altNames: hosts.map((host) => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host })),
      },
    ],
  });
  return { certificate: pem.cert, privateKey: pem.private };
}
