import { createPrivateKey, X509Certificate } from "node:crypto";
import { decodeTokensFile } from "../../shared/access-token.js";
import { readFileIfExists } from "../../shared/atomic-file.js";
import { errorMessage } from "../../shared/core/app-error.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { readSecretFile } from "../../shared/secret-file.js";
import type { CheckFinding } from "./check-files.js";

const msPerDay = 86_400_000;
/** Long enough before the end for a certificate to be replaced on both servers without hurry. */
const expiryNoticeDays = 30;
/** 32 bytes as hex; shorter keys could be guessed offline from one HMAC. */
const shortestPairKey = 64;

export interface KeyFindings {
  readonly problems: readonly CheckFinding[];
  readonly notices: readonly CheckFinding[];
}

/** Examines what the files hold: certificates, keys, tokens. Files that cannot be read are findPathProblems' matter. */
export async function findKeyProblems({ link, admin, dns }: Settings, wallMs: number): Promise<KeyFindings> {
  const problems: CheckFinding[] = [];
  const notices: CheckFinding[] = [];
  if (link.transport === "https") {
    const own = await examineCertificate("link.certificateFile", link.certificateFile, wallMs, problems, notices);
    const peer = await examineCertificate(
      "link.peerCertificateFile",
      link.peerCertificateFile,
      wallMs,
      problems,
      notices,
    );
    await examineKey("link.privateKeyFile", link.privateKeyFile, own, problems);
    if (own && peer?.fingerprint256 === own.fingerprint256) {
      const message = `${link.peerCertificateFile} is this server's own certificate`;
      problems.push({ key: "link.peerCertificateFile", message, hint: "copy the other server's certificate here" });
    }
  } else {
    const message = "the link is not encrypted; file contents and rows can be read on the way";
    notices.push({ key: "link.transport", message, hint: "use https unless the link runs in a tunnel you trust" });
  }
  if (admin.transport === "https") {
    const isLinks = link.transport === "https" && admin.certificateFile === link.certificateFile;
    const seen = isLinks ? [[], []] : [problems, notices];
    const own = await examineCertificate("admin.certificateFile", admin.certificateFile, wallMs, seen[0], seen[1]);
    await examineKey("admin.privateKeyFile", admin.privateKeyFile, own, problems);
  }
  await examineSecret("link.pairKeyFile", link.pairKeyFile, problems, (text) =>
    text.length < shortestPairKey ? `is shorter than ${shortestPairKey} characters` : "",
  );
  await examineSecret("dns.tsig.secretFile", dns.tsig.secretFile, problems, (text) =>
    /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? "" : "is not one line of Base64",
  );
  await examineSecret("admin.tokensFile", admin.tokensFile, problems, (text) =>
    decodeTokensFile(text).length === 0 ? "holds no tokens, so nobody can ask for anything" : "",
  );
  return { problems, notices };
}

async function examineCertificate(
  key: string,
  file: string,
  wallMs: number,
  problems: CheckFinding[] = [],
  notices: CheckFinding[] = [],
): Promise<X509Certificate | undefined> {
  const pem = await readQuietly(() => readFileIfExists(file));
  if (pem === undefined) return undefined;
  const hint = "make a new certificate and give it to the other server as its peer certificate";
  try {
    const certificate = new X509Certificate(pem);
    const days = (Date.parse(certificate.validTo) - wallMs) / msPerDay;
    if (days <= 0) problems.push({ key, message: `${file} expired on ${certificate.validTo}`, hint });
    else if (days < expiryNoticeDays) notices.push({ key, message: `${file} expires on ${certificate.validTo}`, hint });
    if (Date.parse(certificate.validFrom) > wallMs) {
      const message = `${file} is valid only from ${certificate.validFrom}`;
      problems.push({ key, message, hint: "check the clocks of both servers" });
    }
    return certificate;
  } catch {
    problems.push({ key, message: `${file} is not a certificate in PEM`, hint });
    return undefined;
  }
}

async function examineKey(
  key: string,
  file: string,
  certificate: X509Certificate | undefined,
  problems: CheckFinding[],
): Promise<void> {
  const pem = await readQuietly(() => readSecretFile(file));
  if (pem === undefined) return;
  try {
    const privateKey = createPrivateKey(pem);
    if (certificate?.checkPrivateKey(privateKey) !== false) return;
    const message = `${file} is not the key of the certificate beside it`;
    problems.push({ key, message, hint: "restore the key, or make a new key and certificate" });
  } catch {
    problems.push({
      key,
      message: `${file} is not a private key in PEM without a passphrase`,
      hint: "restore the key",
    });
  }
}

async function examineSecret(
  key: string,
  file: string,
  problems: CheckFinding[],
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
  if (because !== "") problems.push({ key, message: `${file} ${because}`, hint: "restore the file" });
}

/** Files that cannot be read are already reported by findPathProblems; here they only cannot be examined. */
async function readQuietly(read: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
