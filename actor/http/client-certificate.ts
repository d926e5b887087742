import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { Caller } from "./route.js";

/**
 * Who has shown a certificate that the setting admin.webhookClientsFile accepts; undefined: nobody. Such a one may do what
 * Alertmanager may, and nothing else. Verified in the handshake by the accepted certificates alone (RFC 8446 section
 * 4.4.2.4); a certificate that is not accepted is as good as none, for people come to this listener, too.
 */
export function certifiedCaller({ socket }: IncomingMessage): Caller | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  // Without a certificate it is an empty object, whatever the types say.
  if ((subject as typeof subject | undefined) === undefined) return undefined;
  const name = [subject.CN].flat().at(0);
  return { name: `certificate ${name ?? "without a name"}`, role: "alertmanager" };
}
