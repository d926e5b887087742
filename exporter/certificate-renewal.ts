import https from "node:https";
import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { HttpServer } from "../shared/http-server.js";
import type { WebConfig } from "./web-config.js";

/** The certificate that new connections are shown. */
export interface CertificateRenewal {
  /** PEM; undefined: plain HTTP. */
  readonly shownCertificate: () => string | undefined;
  /** Takes up what the files say now. Never rejects. */
  readonly renew: () => Promise<void>;
}

/**
 * Looks whether the certificate of the web configuration was replaced, and has new connections shown the new one; those
 * that are open go on. A certificate whose key does not fit, because only one of the two files was replaced so far, changes
 * nothing until the next look.
 */
export function createCertificateRenewal(
  server: HttpServer,
  { tls, readTls }: Pick<WebConfig, "tls" | "readTls">,
  log: LoggerPort,
): CertificateRenewal {
  let shown = tls;
  let problem = "";
  const note = (because: string): void => {
    if (because !== problem && because !== "") log.warn("exporter-certificate-not-renewed", { because });
    problem = because;
  };
  const renew = async (): Promise<void> => {
    if (shown === undefined || !(server instanceof https.Server)) return;
    try {
      const found = await readTls();
      if (found !== undefined && !isSame(found, shown)) {
        server.setSecureContext(found);
        shown = found;
        log.info("exporter-certificate-renewed");
      }
      note("");
    } catch (error) {
      note(errorMessage(error));
    }
  };
  return { shownCertificate: () => shown?.cert, renew };
}

function isSame(one: https.ServerOptions, other: https.ServerOptions): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
