import type { createTransport } from "nodemailer";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import type { NotificationSettings } from "../../shared/core/settings/notification-settings.js";
import { withDeadline } from "../../shared/deadline.js";
import { readSecretFile } from "../../shared/secret-file.js";
import type { MessagePorts } from "./message-ports.js";

export type MailSettings = NotificationSettings["mail"];

/** Gives mails to the mail server of the settings. Certificate and password are read anew for each: they may be renewed. */
export function createMailer(settings: MailSettings, clock: ClockPort): Pick<MessagePorts, "canMail" | "sendMail"> {
  const { server } = settings;
  return {
    canMail: server !== undefined,
    sendMail: async (mail, signal) => {
      if (!server)
        throw new AppError("MAIL_FAILED", "no mail server is set", { hint: "set notifications.mail.server" });
      const where = formatHostAndPort(server);
      try {
        await withDeadline(
          clock,
          { what: `giving a mail to ${where}`, limitSeconds: settings.limitSeconds, signal },
          async (limited) => {
            // Loaded with the first mail only: most actors never send one, and each start would wait for it.
            const { createTransport } = await import("nodemailer");
            const transport = createTransport(await transportOptions(settings, server));
            limited.addEventListener("abort", () => {
              transport.close();
            });
            await transport.sendMail(envelope(settings, mail));
          },
        );
      } catch (error) {
        if (errorCode(error) === "ABORTED" || errorCode(error) === "SETTINGS_UNREADABLE") throw error;
        throw failure(where, error);
      }
    },
  };
}

type TransportOptions = Parameters<typeof createTransport>[0] & object;

async function transportOptions(
  { security, caFile, user, passwordFile, limitSeconds }: MailSettings,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<TransportOptions> {
  const ca = caFile === undefined ? undefined : await readFile(caFile, "utf8");
  const limitMs = limitSeconds * 1000;
  return {
    host,
    port,
    secure: security === "tls",
    // A server that offers no STARTTLS is not spoken with any further: else whoever strips the offer reads the password.
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: {
      minVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(host) === 0 ? { servername: host } : {}),
    },
    ...(user === "" ? {} : { auth: { user, pass: await readSecretFile(passwordFile) } }),
  };
}

function envelope({ from, to }: MailSettings, mail: Parameters<MessagePorts["sendMail"]>[0]) {
  const domain = from.slice(from.lastIndexOf("@") + 1);
  const idOf = (id: string): string => `<${id}@${domain}>`;
  return {
    from,
    to: [...to],
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: idOf(mail.id),
    ...(mail.inReplyTo === "" ? {} : { inReplyTo: idOf(mail.inReplyTo), references: idOf(mail.inReplyTo) }),
    // RFC 3834 section 5: no out-of-office note is to answer this.
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

function failure(where: string, error: unknown): AppError {
  const isFinal = isMailRefused(error);
  const message = `${where} did not take the mail: ${errorMessage(error)}`;
  return new AppError(isFinal ? "MAIL_REFUSED" : "MAIL_FAILED", message, {
    cause: error,
    hint: "sparesync message test tries it again; the settings are those of notifications.mail",
  });
}

/** RFC 5321 section 4.2.3: no such mailbox, a name that is none. */
const unknownRecipient: readonly number[] = [550, 553];

/**
 * RFC 5321 section 4.2.1: 5xx is final, but only what is said of this one mail: of its content, or of all its
 * recipients. What is said of the sender or the sign-in (530 before MAIL FROM) holds for every mail until a person
 * corrects it, and the mails still wait.
 */
function isMailRefused(error: unknown): boolean {
  if (errorCode(error) === "EMESSAGE") return readResponseCode(error) >= 500;
  const refusals = errorCode(error) === "EENVELOPE" ? readRefusals(error) : [];
  return refusals.length > 0 && refusals.every((one) => unknownRecipient.includes(readResponseCode(one)));
}

/** What the server said to each RCPT TO; empty where another command failed. */
function readRefusals(error: unknown): readonly unknown[] {
  if (typeof error !== "object" || error === null || !("command" in error) || error.command !== "RCPT TO") return [];
  return "rejectedErrors" in error && Array.isArray(error.rejectedErrors) ? error.rejectedErrors : [error];
}

function readResponseCode(error: unknown): number {
  if (typeof error !== "object" || error === null || !("responseCode" in error)) return 0;
  return typeof error.responseCode === "number" ? error.responseCode : 0;
}
