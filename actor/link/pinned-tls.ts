import { X509Certificate, constants } from "node:crypto";
import type { AgentOptions, ServerOptions } from "node:https";
import type { TLSSocket } from "node:tls";
import { AppError, errorMessage } from "../../shared/core/app-error.js";

/** PEM texts of the link's TLS. */
export interface LinkCertificates {
  /** This server's own certificate. */
  readonly certificate: string;
  readonly privateKey: string;
  /**
   * The only certificate the peer may show. When someone else issued it, the issuers must follow it in the text: TLS
   * servers of Node 20 do not take the option `allowPartialTrustChain`.
   */
  readonly peerCertificate: string;
}

/**
 * TLS options of the link's listener. OpenSSL verifies against the pinned certificate alone; `isPinned` must then still
 * be asked, because a pinned certificate that may sign others (many self-signed ones may) would vouch for those, too.
 */
export function pinnedServerOptions(certificates: LinkCertificates): ServerOptions {
  return {
    ...commonOptions(certificates),
    requestCert: true,
    rejectUnauthorized: true,
    // A resumed session would carry the answer of an earlier check; without tickets there is none (RFC 8446 2.2).
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** TLS options of the link's agent; to be used with `maxCachedSessions: 0`: a resumed session skips the comparison. */
export function pinnedClientOptions(certificates: LinkCertificates): AgentOptions {
  const pinned = readCertificate(certificates.peerCertificate, "the peer's certificate");
  return {
    ...commonOptions(certificates),
    rejectUnauthorized: true,
    // Instead of the name: the certificate itself. Names and addresses in it are of no importance.
    checkServerIdentity: (_host, shown) =>
      pinned.raw.equals(shown.raw) ? undefined : new Error("the peer shows another certificate than the pinned one"),
  };
}

/** Whether the other end showed exactly the pinned certificate (its DER bytes). Only valid after the handshake. */
export function isPinned(socket: TLSSocket, pinned: X509Certificate): boolean {
  return socket.getPeerX509Certificate()?.raw.equals(pinned.raw) === true;
}

/** Reads a PEM certificate; SETTINGS_INVALID names which one cannot be read. */
export function readCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new AppError("SETTINGS_INVALID", `${what} is not a certificate in PEM form: ${errorMessage(error)}`);
  }
}

function commonOptions({ certificate, privateKey, peerCertificate }: LinkCertificates) {
  return {
    cert: certificate,
    key: privateKey,
    ca: [peerCertificate],
    minVersion: "TLSv1.3" as const,
  };
}
