import { dashboardOf, pairDashboardUrl } from "../../shared/core/dashboard-catalogue.js";
import { messageCatalogue, type MessageCode } from "../../shared/core/message-catalogue.js";
import type { MessageTiming } from "../../shared/core/message-timing.js";
import type { ActorStatus, OperationView } from "../../shared/core/status.js";
import { renderMailHtml } from "./mail-html.js";
import { renderMailText } from "./mail-text.js";
import type { DueMessage } from "./message-state.js";

/** What a mail shows, before it is text or HTML. */
export interface MailContent {
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** A heading and two columns: this server and the other one, as last heard. */
  readonly servers: readonly (readonly [name: string, own: string, other: string])[];
  readonly steps: readonly string[];
  readonly links: readonly (readonly [name: string, url: string])[];
}

export interface MailFacts {
  readonly message:
    | DueMessage
    | { readonly kind: "test"; readonly code: MessageCode; readonly because: string; readonly sinceMs: number };
  readonly timing: MessageTiming;
  readonly own: ActorStatus;
  /** As last heard; undefined: never. */
  readonly peer: ActorStatus | undefined;
  readonly links: { readonly runbookUrl: string; readonly grafanaUrl: string; readonly operationsUrl: string };
  readonly nowMs: number;
}

export interface ComposedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** One message for people: what, since when, why, how both servers are, and where to go on. */
export function composeMail(facts: MailFacts): ComposedMail {
  const content = describe(facts);
  return { subject: subjectOf(facts), text: renderMailText(content), html: renderMailHtml(content) };
}

const kindWords = { raised: "", event: "", repeated: "still: ", resolved: "resolved: ", test: "test: " } as const;

/** One line whatever is in it: a line break would begin another header. */
function subjectOf({ message, own }: MailFacts): string {
  const { code, kind } = message;
  const about = "items" in message ? nameItems(message.items) : "";
  const title = `${kindWords[kind]}${code}${about} (${own.server})`;
  const subject = `[SpareSync ${own.pair}] ${title}: ${messageCatalogue[code].meaning}`;
  return subject.replace(/\s+/g, " ");
}

const namedItems = 3;

function nameItems(items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > namedItems ? ` and ${items.length - namedItems} more` : "";
  return ` ${items.slice(0, namedItems).join(", ")}${more}`;
}

function describe(facts: MailFacts): MailContent {
  const { message, own, peer, links } = facts;
  const { meaning } = messageCatalogue[message.code];
  return {
    title: `${kindWords[message.kind]}${message.code}`,
    lead: message.kind === "test" ? `This is a test. The message would say: ${meaning}` : meaning,
    facts: describeMessage(facts),
    servers: describeServers(own, peer),
    steps: describeOperation(own),
    links: [
      ...(links.runbookUrl === ""
        ? []
        : [["Runbook", `${links.runbookUrl.replace(/\/$/, "")}/SpareSync${message.code}.md`] as const]),
      ...(links.grafanaUrl === ""
        ? []
        : [["Dashboard", pairDashboardUrl(dashboardOf(message.code), links.grafanaUrl, own.pair)] as const]),
      ["Operations", links.operationsUrl],
    ],
  };
}

function describeMessage({ message, timing, own, nowMs }: MailFacts): MailContent["facts"] {
  const event = "event" in message ? message.event : undefined;
  const duration = message.kind === "event" ? "" : ` (${formatDuration(nowMs - message.sinceMs)})`;
  return (
    [
      ["Pair", own.pair],
      ["Said by", `the ${own.server} server`],
      ["Severity", messageCatalogue[message.code].severity],
      [message.kind === "event" ? "At" : "Since", `${formatMoment(message.sinceMs)}${duration}`],
      ["Ended", message.kind === "resolved" ? formatMoment(nowMs) : ""],
      ["Why", message.because],
      ["By", event?.who ?? ""],
      ["Result", event?.result ?? ""],
      ["Repeated", isRepeated(message.kind) ? describeRepeat(timing) : ""],
    ] as const
  ).filter(([, value]) => value !== "");
}

function isRepeated(kind: MailFacts["message"]["kind"]): boolean {
  return kind === "raised" || kind === "repeated";
}

function describeRepeat({ repeatSeconds }: MessageTiming): string {
  return repeatSeconds === undefined ? "no" : `every ${formatDuration(repeatSeconds * 1000)} while it lasts`;
}

function describeServers(own: ActorStatus, peer: ActorStatus | undefined): MailContent["servers"] {
  const row = (name: string, show: (status: ActorStatus) => string): readonly [string, string, string] => [
    name,
    show(own),
    peer ? show(peer) : "not heard of",
  ];
  return [
    row("Server", ({ server, active }) => `${server}${server === active ? ", active" : ""}`),
    row("State", ({ state, because }) => (because === "" ? state : `${state}: ${because}`)),
    row("Application here", ({ managedSystem }) => (managedSystem.isServing ? "runs" : "stopped")),
    row("Ownership epoch", ({ epoch }) => String(epoch)),
    row("Sees the other one", ({ peer: other }) => (other.isConnected ? "connected" : other.state)),
    row("Recovery point", ({ recoveryPointSeconds }) => formatDuration(recoveryPointSeconds * 1000)),
    row("Synchronisation", ({ sync }) => sync.map(({ name, health }) => `${name} ${health}`).join(", ")),
    row("Status of", ({ wallMs }) => formatMoment(wallMs)),
  ];
}

/** The running operation, else the last one. */
function describeOperation({ operation, lastOperations }: ActorStatus): readonly string[] {
  const shown: OperationView | undefined = operation ?? lastOperations[0];
  if (!shown) return [];
  const head = `${shown.kind} ${shown.id}: ${shown.state}, asked for by ${shown.requestedBy}: ${shown.reason}`;
  const steps = shown.steps.map(({ title, runsOn, state, because }) => {
    const why = because === "" ? "" : ` (${because})`;
    return `${state}: ${title}, on the ${runsOn}${why}`;
  });
  return [head, ...(shown.because === "" ? [] : [`because ${shown.because}`]), ...steps];
}

/** UTC, to the second. */
function formatMoment(ms: number): string {
  return ms === 0 ? "never" : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  // A status says "never" by a very long time.
  return seconds >= 1e9 ? "not known" : `${Math.round(seconds / 360) / 10} h`;
}
