import { AppError } from "../../shared/core/app-error.js";

/** RFC 1035 section 3.1: 63 octets a label, 255 a name with its length octets and the root. */
export const maximumLabelBytes = 63;
export const maximumNameBytes = 255;

/** Something on the wire, or to be put on it, that the protocol does not allow. */
export function dnsInvalid(message: string): AppError {
  return new AppError("DNS_INVALID", message);
}

/** The text form of a name (RFC 1035 section 5.1), without the dot at the end; the root is "". Case is kept. */
export function formatName(labels: readonly Buffer[]): string {
  return labels.map(formatLabel).join(".");
}

function formatLabel(label: Buffer): string {
  let text = "";
  for (const byte of label) {
    const character = String.fromCharCode(byte);
    if (character === "." || character === "\\") text += `\\${character}`;
    else if (byte > 0x20 && byte < 0x7f) text += character;
    else text += `\\${String(byte).padStart(3, "0")}`;
  }
  return text;
}

/** The labels of a text name. Throws DNS_INVALID for what cannot be a name. */
export function parseName(text: string): readonly Buffer[] {
  const labels: Buffer[] = [];
  let label: number[] = [];
  // A dot at the end is the root label, whose own length octet is counted in the sum below.
  const body = text === "." ? "" : text;
  for (let at = 0; at < body.length;) {
    if (body[at] === ".") {
      labels.push(closeLabel(label, text));
      label = [];
      at += 1;
      continue;
    }
    const { byte, width } = characterAt(body, at);
    label.push(byte);
    at += width;
  }
  if (label.length > 0) labels.push(closeLabel(label, text));
  const bytes = labels.reduce((sum, one) => sum + one.length + 1, 1);
  if (bytes > maximumNameBytes) throw dnsInvalid(`the name ${shorten(text)} is longer than 255 octets`);
  return labels;
}

function closeLabel(bytes: readonly number[], text: string): Buffer {
  if (bytes.length === 0) throw dnsInvalid(`the name ${shorten(text)} has an empty label`);
  if (bytes.length > maximumLabelBytes) {
    throw dnsInvalid(`the name ${shorten(text)} has a label longer than 63 octets`);
  }
  return Buffer.from(bytes);
}

function characterAt(text: string, at: number): { readonly byte: number; readonly width: number } {
  const code = text.charCodeAt(at);
  if (code > 0x7f) throw dnsInvalid(`the name ${shorten(text)} is not in its ASCII form (IDNA)`);
  if (code !== 0x5c) return { byte: code, width: 1 };
  const digits = /^[0-9]{3}/.exec(text.slice(at + 1))?.[0];
  if (digits === undefined) {
    const escaped = text.charCodeAt(at + 1);
    if (Number.isNaN(escaped) || escaped > 0x7f) throw dnsInvalid(`the name ${shorten(text)} has a broken escape`);
    return { byte: escaped, width: 2 };
  }
  if (Number(digits) > 255) throw dnsInvalid(`the name ${shorten(text)} has a broken escape`);
  return { byte: Number(digits), width: 4 };
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** The wire form, without compression: nothing SpareSync sends is so long that it would pay. Case is kept. */
export function encodeName(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const label of parseName(text)) parts.push(Buffer.from([label.length]), label);
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** One text for all ways to write a name: lower case, no dot at the end. Names are compared by it (RFC 4343). */
export function canonicalName(text: string): string {
  return formatName(parseName(text)).toLowerCase();
}

export function isSameName(a: string, b: string): boolean {
  return canonicalName(a) === canonicalName(b);
}

/** Whether a name is the zone's own name or below it. Compares labels: `xzone` is not within `zone`. */
export function isWithin(name: string, zone: string): boolean {
  const labels = parseName(canonicalName(name));
  const zoneLabels = parseName(canonicalName(zone));
  if (labels.length < zoneLabels.length) return false;
  const tail = labels.slice(labels.length - zoneLabels.length);
  return tail.every((label, index) => zoneLabels[index]?.equals(label) === true);
}
