import { isMap, isNode, isScalar, isSeq, type Document, type LineCounter } from "yaml";
import type { SettingPath } from "./core/settings/settings-list.js";

/** The line of a place in a document, or of the nearest group around it when the place is missing. Counted from 1. */
export function findLine(document: Document.Parsed, path: SettingPath, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const key of path) {
    const step = findMember(node, key);
    if (!step) break;
    node = step.value;
    offset = step.offset ?? offset;
  }
  return lines.linePos(offset).line;
}

function findMember(node: unknown, key: string | number): { value: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    return pair && { value: pair.value, offset: offsetOf(pair.key) };
  }
  if (!isSeq(node) || typeof key !== "number" || key >= node.items.length) return undefined;
  return { value: node.items[key], offset: offsetOf(node.items[key]) };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
