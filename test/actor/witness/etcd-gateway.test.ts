import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Json } from "../../../shared/core/json.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { EtcdGateway } from "../../../actor/witness/etcd-gateway.js";
import { freePort } from "../../support/free-port.js";

interface Asked {
  readonly path: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Something that answers like etcd's gateway; `undefined`: it keeps silent. */
async function aGateway(answer: (asked: Asked) => { status: number; text: string } | undefined): Promise<string> {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    request.on("end", () => {
      const { authorization } = request.headers;
      const given = answer({ path: request.url ?? "", body: JSON.parse(text), authorization });
      if (given) response.writeHead(given.status).end(given.text);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(body: Json, status = 200): { status: number; text: string } {
  return { status, text: JSON.stringify(body) };
}

function gatewayTo(endpoints: string[], more: { user?: string; limitSeconds?: number } = {}): EtcdGateway {
  return new EtcdGateway({
    settings: { endpoints, user: more.user ?? "", limitSeconds: more.limitSeconds ?? 30 },
    secrets: { password: "open sesame" },
    clock: createSystemClock(),
  });
}

const { signal } = new AbortController();

describe("the gateway of the witness", () => {
  test("tries the endpoints in turn, and the one that answered first of all the next time", async () => {
    const asked: string[] = [];
    const broken = await aGateway(() => {
      asked.push("broken");
      return json({ error: "etcdserver: no leader", code: 14 }, 503);
    });
    const whole = await aGateway(() => {
      asked.push("whole");
      return json({ kvs: [] });
    });
    const gateway = gatewayTo([broken, whole]);
    expect(await gateway.call("/v3/kv/range", { key: "a" }, signal)).toEqual({ kvs: [] });
    await gateway.call("/v3/kv/range", { key: "a" }, signal);
    expect(asked).toEqual(["broken", "whole", "whole"]);
  });

  test("gives a silent endpoint only its share of the limit", async () => {
    const silent = await aGateway(() => undefined);
    const whole = await aGateway(() => json({ ok: true }));
    const gateway = gatewayTo([silent, whole], { limitSeconds: 2 });
    expect(await gateway.call("/v3/kv/range", {}, signal)).toEqual({ ok: true });
  });

  test("takes the one answer of a stream", async () => {
    const at = await aGateway(() => json({ result: { ID: "7", TTL: "30" } }));
    expect(await gatewayTo([at]).call("/v3/lease/keepalive", { ID: "7" }, signal)).toEqual({ ID: "7", TTL: "30" });
  });

  test("says of every endpoint why it gave no answer, and nothing of what was sent", async () => {
    const gone = `http://127.0.0.1:${await freePort()}`;
    const page = await aGateway(() => ({ status: 200, text: "<html>open sesame" }));
    const refusing = await aGateway(() => json({ error: { message: "authentication failed" } }, 400));
    const failure = await gatewayTo([gone, page, refusing], { user: "sparesync" })
      .call("/v3/kv/range", { key: "a" }, signal)
      .catch((error: unknown) => error as Error & { code: string });
    expect(failure).toMatchObject({ code: "WITNESS_UNREACHABLE" });
    const { message } = failure as Error;
    expect(message).toContain(`${gone}: `);
    expect(message).toContain(`${page}: its answer is not JSON`);
    expect(message).toContain(`${refusing}: it answers 400: authentication failed`);
    expect(message).not.toContain("open sesame");
  });

  test("signs in once, and again when the token is no longer valid", async () => {
    const tokens = ["first", "second"];
    const asked: Asked[] = [];
    let valid = "";
    const at = await aGateway((question) => {
      asked.push(question);
      if (question.path === "/v3/auth/authenticate") return json({ token: (valid = tokens.shift() ?? "none left") });
      return question.authorization === valid
        ? json({ fine: true })
        : json({ error: "etcdserver: invalid auth token" }, 401);
    });
    const gateway = gatewayTo([at], { user: "sparesync" });
    await gateway.call("/v3/kv/range", {}, signal);
    expect(asked[0]).toMatchObject({ body: { name: "sparesync", password: "open sesame" } });
    await gateway.call("/v3/kv/range", {}, signal);
    expect(asked.map(({ path }) => path).filter((path) => path.includes("auth"))).toHaveLength(1);
    valid = "of another life of etcd";
    expect(await gateway.call("/v3/kv/range", {}, signal)).toEqual({ fine: true });
    expect(asked.map(({ authorization }) => authorization).at(-1)).toBe("second");
  });

  test("refuses an answer that is too large", async () => {
    const at = await aGateway(() => json({ text: "a".repeat(200_000) }));
    await expect(gatewayTo([at]).call("/v3/kv/range", {}, signal)).rejects.toThrow("its answer is too large");
  });
});
