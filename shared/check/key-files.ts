import { createPrivateKey, X509Certificate } from "node:crypto";
import { decodeTokensFile } from "../access-token.js";
import { readFileIfExists } from "../atomic-file.js";
import { errorMessage } from "../core/app-error.js";
import type { Settings } from "../core/settings/settings.js";
import { readSecretFile } from "../secret-file.js";
import type { Finding } from "./finding.js";

const msPerDay = 86_400_000;
/** Long enough before the end for a certificate to be replaced on both servers without hurry. */
const expiryNoticeDays = 30;
/** 32 bytes as hex; shorter keys could be guessed offline from one HMAC. */
const shortestPairKey = 64;
const restoreFile = "restore the file, or make a new one on both servers with sparesync init in an empty folder";

/** Examines what the files hold: certificates, keys, tokens. Files that cannot be read are examinePaths' matter. */
export async function examineKeyFiles({ link, admin, dns }: Settings, wallMs: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (link.transport === "https") {
    const own = await examineCertificate("link.certificateFile", link.certificateFile, wallMs, findings);
    const peer = await examineCertificate("link.peerCertificateFile", link.peerCertificateFile, wallMs, findings);
    await examineKey("link.privateKeyFile", link.privateKeyFile, own, findings);
    if (own && peer?.fingerprint256 === own.fingerprint256) {
      const message = `${link.peerCertificateFile} is this server's own certificate`;
      const hint = "copy the other server's certificate here";
      findings.push({ key: "link.peerCertificateFile", grade: "problem", message, hint });
    }
  } else {
    const message = "the link is not encrypted; file contents and rows can be read on the way";
    const hint = "use https unless the link runs in a tunnel you trust";
    findings.push({ key: "link.transport", grade: "notice", message, hint });
  }
  if (admin.transport === "https") {
    const isLinks = link.transport === "https" && admin.certificateFile === link.certificateFile;
    const seen = isLinks ? [] : findings;
    const own = await examineCertificate("admin.certificateFile", admin.certificateFile, wallMs, seen);
    await examineKey("admin.privateKeyFile", admin.privateKeyFile, own, findings);
  }
  await examineSecret("link.pairKeyFile", link.pairKeyFile, findings, (text) =>
    isPairKey(text) ? "" : `is not a pair key: ${shortestPairKey} or more hexadecimal digits`,
  );
  await examineSecret("dns.tsig.secretFile", dns.tsig.secretFile, findings, (text) =>
    /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? "" : "is not one line of Base64",
  );
  await examineSecret("admin.tokensFile", admin.tokensFile, findings, (text) => {
    if (decodeTokensFile(text).length > 0) return "";
    const message = `${admin.tokensFile} holds no tokens, so nobody can ask for anything`;
    // The actor can do its work without anybody who may ask.
    findings.push({ key: "admin.tokensFile", grade: "problem", message, hint: restoreFile });
    return "";
  });
  return findings;
}

/** The file is read as hexadecimal digits; anything else in it would end the key there without a word. */
function isPairKey(text: string): boolean {
  return text.length >= shortestPairKey && text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text);
}

async function examineCertificate(
  key: string,
  file: string,
  wallMs: number,
  findings: Finding[],
): Promise<X509Certificate | undefined> {
  const pem = await readQuietly(() => readFileIfExists(file));
  if (pem === undefined) return undefined;
  const hint = "make a new certificate and give it to the other server as its peer certificate";
  const add = (grade: Finding["grade"], message: string): void => {
    findings.push({ key, grade, message, hint });
  };
  try {
    const certificate = new X509Certificate(pem);
    const days = (Date.parse(certificate.validTo) - wallMs) / msPerDay;
    if (days <= 0) add("problem", `${file} expired on ${certificate.validTo}`);
    else if (days < expiryNoticeDays) add("notice", `${file} expires on ${certificate.validTo}`);
    if (Date.parse(certificate.validFrom) > wallMs) {
      const message = `${file} is valid only from ${certificate.validFrom}`;
      findings.push({ key, grade: "problem", message, hint: "check the clocks of both servers" });
    }
    return certificate;
  } catch {
    add("unusable", `${file} is not a certificate in PEM`);
    return undefined;
  }
}

async function examineKey(
  key: string,
  file: string,
  certificate: X509Certificate | undefined,
  findings: Finding[],
): Promise<void> {
  const pem = await readQuietly(() => readSecretFile(file));
  if (pem === undefined) return;
  try {
    const privateKey = createPrivateKey(pem);
    if (certificate?.checkPrivateKey(privateKey) !== false) return;
    const message = `${file} is not the key of the certificate beside it`;
    findings.push({ key, grade: "unusable", message, hint: "restore the key, or make a new key and certificate" });
  } catch {
    const message = `${file} is not a private key in PEM without a passphrase`;
    findings.push({ key, grade: "unusable", message, hint: "restore the key" });
  }
}

async function examineSecret(
  key: string,
  file: string,
  findings: Finding[],
  judge: (text: string) => string,
): Promise<void> {
  const text = await readQuietly(() => readSecretFile(file));
  if (text === undefined) return;
  let because: string;
  try {
    because = judge(text);
  } catch (error) {
    because = `cannot be used: ${errorMessage(error)}`;
  }
  if (because !== "") findings.push({ key, grade: "unusable", message: `${file} ${because}`, hint: restoreFile });
}

/** Files that cannot be read are already reported by examinePaths; here they only cannot be examined. */
async function readQuietly(read: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
