import { describe, expect, test } from "@jest/globals";
import {
  describeContent,
  openReply,
  openRequest,
  sealReply,
  sealRequest,
  splitContent,
  type ReplyEnvelope,
  type RequestEnvelope,
} from "../../../actor/core/link-authentication.js";

const key = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);
const fields = Buffer.from(`{"a":1}`);
const body = Buffer.from("body");
const request: RequestEnvelope = {
  protocol: 1,
  pair: "shop",
  sender: "primary",
  instance: "i1",
  kind: "echo",
  session: "s1",
  counter: 1,
  ...describeContent(key, "n1", fields, body),
};
const reply: ReplyEnvelope = {
  protocol: 1,
  pair: "shop",
  sender: "secondary",
  outcome: "answered",
  ...describeContent(key, "n2", fields, undefined),
};

describe("a sealed envelope", () => {
  test("opens with the same key", () => {
    expect(openRequest(key, sealRequest(key, request))).toEqual(request);
    expect(openReply(key, "mac", sealReply(key, "mac", reply))).toEqual(reply);
  });

  test.each(Object.keys(request))("does not open once its %s was changed", (name) => {
    const { mac } = sealRequest(key, request);
    const changed = sealRequest(otherKey, { ...request, [name]: "x" }).envelope;
    expect(openRequest(key, { envelope: changed, mac })).toBeUndefined();
  });

  test.each([
    { when: "the key is another", opened: () => openRequest(otherKey, sealRequest(key, request)) },
    { when: "the HMAC is empty", opened: () => openRequest(key, { ...sealRequest(key, request), mac: "" }) },
    { when: "the HMAC is cut", opened: () => openRequest(key, cut(sealRequest(key, request))) },
    { when: "a reply is shown as request", opened: () => openRequest(key, sealReply(key, "mac", reply)) },
    { when: "a request is shown as reply", opened: () => openReply(key, "mac", sealRequest(key, request)) },
    { when: "a reply answers another request", opened: () => openReply(key, "mac2", sealReply(key, "mac", reply)) },
    { when: "a reply's key is another", opened: () => openReply(otherKey, "mac", sealReply(key, "mac", reply)) },
  ])("does not open when $when", ({ opened }) => {
    expect(opened()).toBeUndefined();
  });

  test("fits a header, whatever the pair is called, and opens to the same name", () => {
    const named = { ...request, pair: "Gärtnerei\u007f\n文" };
    const sealed = sealRequest(key, named);
    expect(sealed.envelope).toMatch(/^[ -~]+$/);
    expect(openRequest(key, sealed)).toEqual(named);
  });

  test("does not hold the key", () => {
    const { envelope, mac } = sealRequest(key, request);
    const wire = envelope + Buffer.from(mac, "base64url").toString("latin1");
    expect(wire).not.toContain(key.toString("latin1").slice(0, 4));
  });
});

describe("splitContent", () => {
  const whole = Buffer.concat([fields, body]);

  test("divides what the envelope describes", () => {
    expect(splitContent(key, request, whole)).toEqual({ fields, body });
    expect(splitContent(key, reply, fields)).toEqual({ fields, body: undefined });
    const empty = { ...reply, ...describeContent(key, "n4", fields, Buffer.alloc(0)) };
    expect(splitContent(key, empty, fields)).toEqual({ fields, body: Buffer.alloc(0) });
  });

  test.each([
    { when: "a byte of the fields is other", received: Buffer.from(`{"a":2}body`) },
    { when: "a byte of the body is other", received: Buffer.from(`{"a":1}bodi`) },
    { when: "it is shorter", received: whole.subarray(1) },
    { when: "it is longer", received: Buffer.concat([whole, body]) },
    { when: "it is empty", received: Buffer.alloc(0) },
  ])("refuses when $when", ({ received }) => {
    expect(splitContent(key, request, received)).toBeUndefined();
  });

  test.each([
    { when: "the key is another", split: () => splitContent(otherKey, request, whole) },
    { when: "the nonce is another's", split: () => splitContent(key, { ...request, nonce: "n2" }, whole) },
    {
      when: "the tag is another's",
      split: () => splitContent(key, { ...request, contentTag: reply.contentTag }, whole),
    },
  ])("refuses when $when", ({ split }) => {
    expect(split()).toBeUndefined();
  });

  test("two messages with the same content have different tags", () => {
    expect(describeContent(key, "n3", fields, body).contentTag).not.toBe(request.contentTag);
  });

  // AES-256-GCM by another implementation (Python's cryptography 48.0.0): key = HMAC-SHA256(32 bytes of 1, "sparesync link
  // content\nn1"), IV = 12 zero bytes, nothing encrypted, {"a":1}body as what is authenticated.
  test("the tag is the GMAC that another implementation computes", () => {
    expect(request.contentTag).toBe(Buffer.from("117a155f1ce49bfb805a73f786324017", "hex").toString("base64url"));
  });
});

function cut({ envelope, mac }: { envelope: string; mac: string }) {
  return { envelope, mac: mac.slice(0, -4) };
}
