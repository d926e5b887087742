import { createHash, randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { encodeQuery, isAnswerTo, readRecordAnswer } from "../core/dns-answer.js";
import { dnsClass, dnsRcode, dnsType, tsigError, tsigErrorName } from "../core/dns-codes.js";
import { canonicalName, encodeName, isWithin } from "../core/dns-name.js";
import { clocksHint, decideUpdate, type SignedAnswer } from "../core/dns-outcome.js";
import { ownershipRecordName, planClaim, planPublish } from "../core/dns-ownership-update.js";
import { canonicalAddress } from "../core/dns-rdata.js";
import { encodeUpdate, type Update } from "../core/dns-update.js";
import { encodeOwnershipRecord, isSameRecord, type OwnershipRecord } from "../core/ownership-record.js";
import { moreNamesOf } from "../core/dns-records.js";
import { type AuthoritativeRead, readAuthoritative, readSerialAt, readTextsAt } from "./authoritative-read.js";
import type { NameServerPort, UpdateOutcome } from "./name-server-port.js";
import { testUpdate } from "./test-update.js";
import { createSignedExchange, type SignedExchange, type SignedReply, type SignedResult } from "./signed-exchange.js";

export interface NameServerPortOptions {
  readonly settings: Settings["dns"];
  /** The octets of the TSIG secret (decoded from the Base64 of its file). */
  readonly tsigSecret: Buffer;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  /** Source of message ids; without it they come from the operating system. */
  readonly random?: RandomPort;
}

/** What one call of the port works under: its one deadline, and the signals that end it. */
interface Limits {
  readonly deadlineMonotonicMs: number;
  readonly signals: readonly AbortSignal[];
}

/**
 * The port to a real update server. Questions about the record are signed like updates are: an unsigned answer would let
 * anyone on the way confirm an ownership that is lost. Throws SETTINGS_INVALID for names that cannot be in DNS.
 */
export function createNameServerPort(options: NameServerPortOptions): NameServerPort & { close(): void } {
  const { settings, clock, log } = options;
  const names = checkNames(settings);
  const addresses = {
    primary: settings.addresses.primary.map(canonicalAddress).sort(),
    secondary: settings.addresses.secondary.map(canonicalAddress).sort(),
  };
  const more = { primary: moreNamesOf(settings, "primary"), secondary: moreNamesOf(settings, "secondary") };
  const newId = messageIds(options.random);
  const exchange = createSignedExchange({
    server: settings.updateServer,
    key: { name: settings.tsig.keyName, algorithm: settings.tsig.algorithm, secret: options.tsigSecret },
    clock,
    log,
    newId,
  });
  const closing = new AbortController();
  const limits = (signal: AbortSignal | undefined): Limits => {
    // Not AbortSignal.any: it keeps a trace of every call on a signal that lives as long as the process.
    const signals = signal === undefined ? [closing.signal] : [signal, closing.signal];
    // Several servers times several names listen at once; that is no leak.
    setMaxListeners(0, ...signals);
    return { deadlineMonotonicMs: clock.monotonicMs() + settings.limitSeconds * 1000, signals };
  };
  const noted = noteOutcomes(log);

  return {
    readRecord: (signal) => readRecord(exchange, names, limits(signal)),
    claim: async (previous, next, signal) =>
      noted("claim", next, await claim(exchange, names, { previous, next }, limits(signal))),
    publish: async (own, signal) => {
      const plan = planPublish(
        { ...names, ttlSeconds: settings.ttlSeconds },
        own,
        addresses[own.active],
        more[own.active],
      );
      return noted("publish", own, await publish(exchange, plan, limits(signal)));
    },
    ...createReadings(settings, names, (signal) => ({ ...limits(signal), clock, newId }), more.primary),
    testUpdate: (signal) => {
      const text = `test ${clock.wallMs()} ${newId()}`;
      const readTexts = (name: string): Promise<readonly string[]> =>
        readTextsAt(settings.updateServer, { ...names, ...limits(signal), clock, newId }, name);
      return testUpdate({
        where: names,
        text,
        clock,
        send: (update) => tryUpdate(exchange, update, limits(signal)),
        readTexts,
      });
    },
    moreNamesOf: (server) => more[server],
    addressesOf: (server: ServerName) => addresses[server],
    close: () => {
      closing.abort();
    },
  };
}

function noteOutcomes(log: LoggerPort) {
  return (update: "claim" | "publish", record: OwnershipRecord, outcome: UpdateOutcome): UpdateOutcome => {
    const fields = { update, record: encodeOwnershipRecord(record), outcome: outcome.kind };
    if (outcome.kind === "done") log.info("name-server-updated", fields);
    else log.warn("name-server-not-updated", { ...fields, because: outcome.because });
    return outcome;
  };
}

/** What is read unsigned: it only shows or refutes. */
function createReadings(
  settings: Settings["dns"],
  names: Names,
  limitsOf: (signal: AbortSignal | undefined) => Omit<AuthoritativeRead, keyof Names | "more">,
  more: AuthoritativeRead["more"],
): Pick<NameServerPort, "readAddresses" | "readSerial"> {
  return {
    readAddresses: async (signal) => {
      const listed = settings.authoritativeServers;
      const read: AuthoritativeRead = { ...names, more, ...limitsOf(signal) };
      const servers = listed.length === 0 ? [settings.updateServer] : listed;
      const answers = await Promise.all(servers.map((server) => readAuthoritative(server, read)));
      if (isAborted(read)) throw new AppError("ABORTED", "reading the addresses of the name was aborted");
      return answers;
    },
    readSerial: async (signal) => {
      const serial = await readSerialAt(settings.updateServer, { ...names, ...limitsOf(signal) });
      if (serial === undefined) throw new AppError("DNS_INVALID", `the update server has no SOA of ${names.zone}`);
      return serial;
    },
  };
}

/** An update of which nothing depends: "" when it is done, else why not. */
async function tryUpdate(exchange: SignedExchange, update: Update, limits: Limits): Promise<string> {
  const verdict = decideUpdate(signedAnswerOf((await sendUpdate(exchange, update, limits)).reply));
  if (verdict.kind === "done") return "";
  return verdict.kind === "refused" ? `${verdict.because}. ${verdict.hint}` : verdict.because;
}

interface Names {
  readonly zone: string;
  readonly name: string;
  readonly recordName: string;
}

function checkNames(settings: Settings["dns"]): Names {
  try {
    encodeName(settings.tsig.keyName);
    const [zone, name] = [canonicalName(settings.zone), canonicalName(settings.name)];
    if (zone === "" || !isWithin(name, zone)) {
      throw new AppError("SETTINGS_INVALID", `dns.name ${settings.name} does not lie in dns.zone ${settings.zone}`);
    }
    return { zone, name, recordName: canonicalName(ownershipRecordName(name)) };
  } catch (error) {
    throw new AppError("SETTINGS_INVALID", errorMessage(error), { cause: error });
  }
}

/** Sixteen unguessable bits a message (RFC 5452 section 9.2). */
function messageIds(random: RandomPort | undefined): () => number {
  if (random === undefined) return () => randomInt(0x10000);
  return () => createHash("sha256").update(random.id()).digest().readUInt16BE(0);
}

async function readRecord(
  exchange: SignedExchange,
  names: Names,
  limits: Limits,
): Promise<OwnershipRecord | undefined> {
  const question = { name: names.recordName, type: dnsType.TXT, class: dnsClass.internet };
  let askedId = 0;
  const encode = (id: number): Buffer => {
    askedId = id;
    return encodeQuery(id, question.name, question.type);
  };
  const { reply } = await exchange({ encode, ...limits });
  switch (reply.kind) {
    case "not-sent":
    case "none":
      throw noAnswer(reply.because, limits);
    case "unauthentic":
      throw new AppError(
        reply.hint === undefined ? "DNS_INVALID" : "DNS_REFUSED",
        `the update server's word cannot be relied on: ${reply.because}`,
        reply.hint === undefined ? {} : { hint: reply.hint },
      );
    case "authentic":
      if (reply.tsig.error !== tsigError.none) {
        const because = `the update server answers ${tsigErrorName(reply.tsig.error)}`;
        throw new AppError("DNS_REFUSED", because, { hint: clocksHint });
      }
      if (!isAnswerTo(question, askedId, reply.message)) {
        throw new AppError("DNS_INVALID", "the update server answers another question");
      }
      return readRecordAnswer(reply.message, question);
  }
}

function isAborted(limits: Limits): boolean {
  return limits.signals.some((signal) => signal.aborted);
}

function noAnswer(because: string, limits: Limits): AppError {
  if (isAborted(limits)) return new AppError("ABORTED", "the question to the update server was aborted");
  return new AppError("DNS_UNREACHABLE", `the update server does not answer: ${because}`, {
    hint: "Port 53 of dns.updateServer must be reachable over TCP.",
  });
}

function signedAnswerOf(reply: SignedReply): SignedAnswer {
  switch (reply.kind) {
    case "authentic":
      return { kind: "authentic", rcode: reply.message.rcode, tsigError: reply.tsig.error };
    case "unauthentic":
      return {
        kind: "unauthentic",
        because: reply.hint === undefined ? reply.because : `${reply.because}. ${reply.hint}`,
      };
    case "none":
    case "not-sent":
      return { kind: "none", because: reply.because };
  }
}

async function sendUpdate(exchange: SignedExchange, update: Update, limits: Limits): Promise<SignedResult> {
  const result = await exchange({ encode: (id) => encodeUpdate(id, update), ...limits });
  if (result.reply.kind === "not-sent") throw noAnswer(result.reply.because, limits);
  return result;
}

async function claim(
  exchange: SignedExchange,
  names: Names,
  records: { readonly previous: OwnershipRecord | undefined; readonly next: OwnershipRecord },
  limits: Limits,
): Promise<UpdateOutcome> {
  const { previous, next } = records;
  const { reply, validUntilWallMs } = await sendUpdate(exchange, planClaim(names, previous, next), limits);
  const verdict = decideUpdate(signedAnswerOf(reply));
  switch (verdict.kind) {
    case "done":
      return verdict;
    case "refused":
      throw new AppError("DNS_REFUSED", verdict.because, { hint: verdict.hint });
    case "unclear":
      return { ...verdict, validUntilWallMs };
    case "violated":
      break;
  }
  // A doubled message violates its own prerequisite, and the answer to the double may be the one that arrives: whether
  // the claim is lost is known only from the record (OWNERSHIP 4).
  const unclear = (because: string): UpdateOutcome => ({ kind: "unclear", because, validUntilWallMs });
  try {
    const now = await readRecord(exchange, names, limits);
    if (now !== undefined && isSameRecord(now, next)) return { kind: "done" };
    const isAsBefore = now === undefined || previous === undefined ? now === previous : isSameRecord(now, previous);
    // The prerequisite held again: a double of this message could still be applied.
    if (isAsBefore) return unclear(`${verdict.because}, but the record is as it was before the claim`);
    const shown = now === undefined ? "missing" : encodeOwnershipRecord(now);
    return { kind: "lost", because: `${verdict.because}; the record is now ${shown}` };
  } catch (error) {
    return unclear(`${verdict.because}, and the record cannot be read back: ${errorMessage(error)}`);
  }
}

async function publish(exchange: SignedExchange, update: Update, limits: Limits): Promise<UpdateOutcome> {
  const { reply, validUntilWallMs } = await sendUpdate(exchange, update, limits);
  const verdict = decideUpdate(signedAnswerOf(reply));
  switch (verdict.kind) {
    case "done":
      return verdict;
    case "refused":
      throw new AppError("DNS_REFUSED", verdict.because, { hint: verdict.hint });
    case "unclear":
      return { ...verdict, validUntilWallMs };
    case "violated":
      if (verdict.rcode === dnsRcode.YXRRSET) {
        throw new AppError("DNS_REFUSED", "a name is an alias (CNAME) where addresses are to stand, or the reverse", {
          hint: "Remove the CNAME record of dns.name from the zone, and what stands at names that are to be an alias.",
        });
      }
      // Publishing twice changes nothing, so a doubled message needs no reading back: the claim is no longer ours.
      return { kind: "lost", because: `${verdict.because}: the ownership record is not this claim` };
  }
}
