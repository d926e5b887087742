import { SMTPServer } from "smtp-server";
import type { AddressInfo } from "node:net";

export interface CaughtMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header fields and body, as they were sent. */
  readonly raw: string;
  readonly isEncrypted: boolean;
  readonly user: string;
}

export interface MailCatcherOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Encrypted from the start. */
  readonly isTlsFromStart?: boolean;
  /** Who may sign in; undefined: nobody has to. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly port?: number;
}

export interface MailCatcher {
  readonly port: number;
  readonly mails: readonly CaughtMail[];
  /** What it answers to a mail's content instead of taking it; 0: it takes it. */
  refuseWith: number;
  /** What it answers to MAIL FROM, and to RCPT TO of each address in turn; 0 or none: it takes it. */
  refuseSenderWith: number;
  refuseRecipientsWith: readonly number[];
  stop(): Promise<void>;
}

/** A mail server on loopback that keeps what it is given. */
export async function startMailCatcher(options: MailCatcherOptions = {}): Promise<MailCatcher> {
  const { tls, login } = options;
  const mails: CaughtMail[] = [];
  const catcher: Omit<MailCatcher, "port" | "mails" | "stop"> = {
    ...{ refuseWith: 0, refuseSenderWith: 0, refuseRecipientsWith: [] },
  };
  const server = new SMTPServer({
    secure: options.isTlsFromStart ?? false,
    ...tls,
    disabledCommands: [...(tls ? [] : ["STARTTLS"]), ...(login ? [] : ["AUTH"])],
    authOptional: login === undefined,
    disableReverseLookup: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(Object.assign(new Error("wrong user or password"), { responseCode: 535 }));
    },
    onMailFrom: (_address, _session, done) => {
      done(refusal(catcher.refuseSenderWith));
    },
    onRcptTo: (_address, _session, done) => {
      const [status = 0, ...others] = catcher.refuseRecipientsWith;
      catcher.refuseRecipientsWith = others;
      done(refusal(status));
    },
    onData: (stream, session, done) => {
      let raw = "";
      stream.on("data", (chunk: Buffer) => (raw += chunk.toString("utf8")));
      stream.on("end", () => {
        if (catcher.refuseWith > 0) {
          done(refusal(catcher.refuseWith));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw,
          isEncrypted: session.secure,
          user: typeof session.user === "string" ? session.user : "",
        });
        done();
      });
    },
  });
  // A client that goes away in the middle is no failure of the catcher.
  server.on("error", () => undefined);
  const listening = server.listen(options.port ?? 0, "127.0.0.1");
  await new Promise<void>((resolve) => listening.once("listening", resolve));
  return Object.assign(catcher, {
    port: (listening.address() as AddressInfo).port,
    mails,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(resolve);
      }),
  });
}

function refusal(status: number): Error | null {
  return status > 0 ? Object.assign(new Error("not this one"), { responseCode: status }) : null;
}
