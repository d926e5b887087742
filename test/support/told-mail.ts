import type { CaughtMail } from "./mail-catcher.js";

/** A mail as what it tells, whoever has sent it. */
export interface ToldMail {
  readonly by: "alertmanager" | "actor";
  readonly kind: "raised" | "repeated" | "resolved";
  readonly code: string;
  /** Which of the Alertmanagers; an actor's own is told by `server`. */
  readonly sender: string;
  /** The server it is about, as its sender names it; "-": the pair. */
  readonly server: string;
  /** When the condition began, Unix seconds, by the sender. */
  readonly sinceSeconds: number;
  /** When the sender made it, Unix seconds, of Alertmanager with its fractions cut off. */
  readonly sentSeconds: number;
}

/** The subject that Alertmanager is given for its mails, so that they can be told apart. */
export const alertmanagerSubject =
  "alertmanager {{ .ExternalURL }} {{ .Status }} {{ .CommonLabels.code }}" +
  " {{ with .CommonLabels.side }}{{ . }}{{ else }}-{{ end }} {{ (index .Alerts 0).StartsAt.Unix }}";

/** What the mails tell, in the order in which they came; Alertmanager repeats a mail without saying so. */
export function readToldMails(mails: readonly CaughtMail[]): readonly ToldMail[] {
  const told: ToldMail[] = [];
  for (const { raw } of mails) {
    const one = readOne(unfold(raw));
    const isRepeated = one.kind === "raised" && told.some((before) => isSame(before, one));
    told.push(isRepeated ? { ...one, kind: "repeated" } : one);
  }
  return told;
}

/**
 * What one sender says of one condition. Two Alertmanagers tell each other what they have told; where that takes too long
 * both tell it, so each is a sender of its own.
 */
export function threadOf({ by, sender, code, server, sinceSeconds }: ToldMail): string {
  return [by, sender, code, server, sinceSeconds].join(" ");
}

function isSame(a: ToldMail, b: ToldMail): boolean {
  return threadOf(a) === threadOf(b) && a.kind !== "resolved";
}

function readOne(headers: string): ToldMail {
  const subject = header(headers, "Subject");
  const sentSeconds = Date.parse(header(headers, "Date")) / 1000;
  const [, sender = "", status, code = "", server = "", since] =
    /^alertmanager (\S+) (firing|resolved) (\w+) (\S+) (\d+)$/.exec(subject) ?? [];
  if (status !== undefined) {
    const kind = status === "firing" ? "raised" : "resolved";
    return { by: "alertmanager", sender, kind, code, server, sinceSeconds: Number(since), sentSeconds };
  }
  const own = /^\[SpareSync \S+\] (still: |resolved: |)(\w+)[^(]* \((\w+)\)/.exec(subject);
  // The id is <pair>.<server>.<code>.<since in ms>, and of a later one its kind and moment as well.
  const id = /^<[^.]+\.\w+\.\w+\.(\d+)(?:\.(\w+)\.(\d+))?@/.exec(header(headers, "Message-ID"));
  if (own === null || id === null) throw new Error(`a mail of nobody: ${subject}`);
  return {
    by: "actor",
    sender: "",
    kind: own[1] === "" ? "raised" : own[1] === "still: " ? "repeated" : "resolved",
    code: own[2] ?? "",
    server: own[3] ?? "",
    sinceSeconds: Number(id[1]) / 1000,
    sentSeconds: id[3] === undefined ? sentSeconds : Number(id[3]) / 1000,
  };
}

/** RFC 5322 section 2.2.3: a header field may go on in lines that begin with a space. */
function unfold(raw: string): string {
  return (raw.split("\r\n\r\n")[0] ?? "").replace(/\r\n[ \t]+/g, " ");
}

function header(headers: string, name: string): string {
  const line = headers.split("\r\n").find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  if (line === undefined) throw new Error(`a mail without the header ${name}`);
  return line.slice(name.length + 1).trim();
}
