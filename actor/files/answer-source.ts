import { applyFields, decodeOpenPaths, listFields, parse, settledFields } from "../core/file-wire.js";
import { beginFields, compareFields } from "../core/tree-wire.js";
import type { LinkHandlers } from "../link/link.js";
import type { Receiver } from "./receiver.js";
import type { ReverseHold } from "./reverse-hold.js";
import type { SettledStore } from "./settled-store.js";
import type { TargetPlace } from "./target-place.js";

export interface AnswerPorts {
  /** Throws NOT_FOUND for a folder that is not in the settings. */
  readonly receiver: (folder: string) => Receiver;
  readonly place: (folder: string) => TargetPlace;
  /** Throws when batches of this epoch are not taken. */
  readonly requireAccepted: (epoch: number) => void;
  readonly settled: SettledStore;
  readonly hold: ReverseHold;
}

/** The target's answers to what a source asks of one folder. */
export function answerSource({ receiver, place, requireAccepted, settled, hold }: AnswerPorts): LinkHandlers {
  return {
    "files/begin": async ({ fields }) => {
      const { folder, epoch, rules, token, hasOwner = false, hasContent = false } = parse(beginFields, fields);
      return { fields: await receiver(folder).begin({ epoch, rules, token }, { hasOwner, hasContent }) };
    },
    "files/compare": async ({ fields, body }) => {
      const { folder, epoch, token } = parse(compareFields, fields);
      return { fields: {}, body: await receiver(folder).compare(epoch, token, body) };
    },
    "files/blocks": async ({ fields, body }) => {
      const { folder, epoch, token } = parse(compareFields, fields);
      const { hashes, ...answer } = await receiver(folder).blocks(epoch, token, body);
      return { fields: answer, body: hashes };
    },
    "files/list": async ({ fields, body }) => {
      const { folder, ...request } = parse(listFields, fields);
      const { body: page, ...answer } = await receiver(folder).list(request, body);
      return { fields: answer, body: page };
    },
    "files/apply": async ({ fields, body, giveBack }) => {
      const { folder, ...request } = parse(applyFields, fields);
      return { fields: {}, body: await receiver(folder).apply(request, body, giveBack) };
    },
    "files/settled": async ({ fields, body }) => {
      const { folder, ...said } = parse(settledFields, fields);
      const target = receiver(folder);
      requireAccepted(said.epoch);
      place(folder).require();
      await target.settle();
      const before = settled.get(folder, said.epoch).lastFullAnalysisAtMs;
      if (said.lastFullAnalysisAtMs > before) {
        await target.forgetTransfers();
        await place(folder).noteWhole();
      }
      await settled.set(folder, said);
      if (body !== undefined) await hold.end(folder, decodeOpenPaths(body));
      return { fields: {} };
    },
  };
}
