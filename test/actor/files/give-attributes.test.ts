import { expect, test } from "@jest/globals";
import type { WireAttributes } from "../../../actor/core/file-operation.js";
import { giveAttributes } from "../../../actor/files/give-attributes.js";

const wanted: WireAttributes = { mode: 0o4750, mtimeNs: 5n, uid: 7, gid: 8, extended: "text" };

/** What was set, and what is said to be left; the calls named fail with a system's error. */
function give(failing: Readonly<Record<string, string>>, attributes = wanted) {
  const set: string[] = [];
  const call = (name: string, value: string): void => {
    const code = failing[name];
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${name}`), { code });
    set.push(`${name} ${value}`);
  };
  const left = giveAttributes(attributes, {
    setOwner: (uid, gid) => {
      call("owner", `${uid}:${gid}`);
    },
    setMode: (mode) => {
      call("mode", mode.toString(8));
    },
    setExtended: (text, isOwnerKept) => {
      set.push(`extended ${text} ${isOwnerKept}`);
      return failing["extended"] === undefined ? [] : [failing["extended"]];
    },
    setTime: (mtimeNs) => {
      call("time", String(mtimeNs));
    },
  });
  return { set, left };
}

const rest = ["extended text true", "time 5"];

test.each([
  { when: "everything can be set", failing: {}, set: ["owner 7:8", "mode 4750", ...rest], left: [] },
  {
    when: "the owner cannot: a program must not run as another one",
    failing: { owner: "EPERM" },
    set: ["mode 750", ...rest],
    left: ["The owner 7:8 cannot be set: EPERM: owner.", "The set-id bits are left out without the owner."],
  },
  {
    when: "the mode cannot",
    failing: { mode: "EOPNOTSUPP" },
    set: ["owner 7:8", ...rest],
    left: ["The mode 4750 cannot be set: EOPNOTSUPP: mode."],
  },
  {
    when: "an extended attribute cannot",
    failing: { extended: "user.note cannot" },
    set: ["owner 7:8", "mode 4750", ...rest],
    left: ["user.note cannot"],
  },
])("what cannot be set holds up nothing else: $when", ({ failing, set, left }) => {
  expect(give(failing)).toEqual({ set, left });
});

test.each([
  { call: "owner", code: "EIO" },
  { call: "owner", code: "EDQUOT" },
  { call: "mode", code: "EROFS" },
  { call: "time", code: "EPERM" },
])("a disk that fails, and a time that cannot be set, are errors of the file: $call $code", ({ call, code }) => {
  expect(() => give({ [call]: code })).toThrow(code);
});

test("without an owner the mode is as it is wanted, and capabilities are not kept", () => {
  const { mode, mtimeNs, extended = "" } = wanted;
  expect(give({}, { mode, mtimeNs, extended }).set).toEqual(["mode 4750", "extended text false", "time 5"]);
});
