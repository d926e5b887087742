import { generate } from "selfsigned";

export interface TestCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateWishes {
  /** May sign other certificates, as many self-signed ones may. */
  readonly isAuthority?: boolean;
  readonly signedBy?: TestCertificate;
}

/** A throw-away certificate for `localhost`. Elliptic keys: RSA ones take a second each. */
export async function makeCertificate(name: string, wishes: CertificateWishes = {}): Promise<TestCertificate> {
  const { isAuthority = false, signedBy } = wishes;
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: isAuthority, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: isAuthority, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
    ...(signedBy && { ca: { key: signedBy.privateKey, cert: signedBy.certificate } }),
  });
  return { certificate: made.cert, privateKey: made.private };
}
