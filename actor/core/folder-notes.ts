import {
  KnownSlots,
  noDigest,
  StateReader,
  type EntryState,
  type FolderRecord,
  type Knowledge,
} from "./folder-record.js";
import { StateWriter } from "./state-writer.js";

/**
 * The record of a folder with what was learnt of single entries since. It has no digest: what was removed since is still in
 * it, and only the next look at the folder tells.
 */
export function mergeNotes(
  record: FolderRecord | undefined,
  notes: ReadonlyMap<string, { readonly state: EntryState; readonly known: Knowledge }>,
): FolderRecord {
  const reader = new StateReader(record?.states ?? Buffer.alloc(0));
  const slots = new KnownSlots(record?.known ?? Buffer.alloc(0));
  const noted = [...notes.values()].sort((a, b) => (a.state.name < b.state.name ? -1 : 1));
  const states = new StateWriter();
  const known = KnownSlots.empty((record?.count ?? 0) + noted.length);
  let old = reader.next();
  let next = 0;
  for (let one = noted[next]; old !== undefined || one !== undefined; one = noted[next]) {
    if (one === undefined || (old !== undefined && old.name < one.state.name)) {
      if (old === undefined) break;
      slots.bytes.copy(known.bytes, states.count * slotBytes, reader.index * slotBytes, (reader.index + 1) * slotBytes);
      states.add(old);
      old = reader.next();
      continue;
    }
    if (old?.name === one.state.name) old = reader.next();
    known.set(states.count, one.known);
    states.add(one.state);
    next += 1;
  }
  const { count, bytes } = states;
  const totals = { files: 0, bytes: 0 };
  return {
    digest: noDigest,
    digestKind: 0,
    totals,
    count,
    states: bytes,
    known: known.bytes.subarray(0, count * slotBytes),
  };
}

const slotBytes = KnownSlots.empty(1).bytes.length;
