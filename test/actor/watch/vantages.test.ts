import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type http from "node:http";
import { createVantages } from "../../../actor/watch/vantages.js";
import type { VantageSettings } from "../../../shared/core/settings/vantage-settings.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { startTestPageServer, type TestPageServer } from "../../support/test-page-server.js";

let server: TestPageServer;
let answer: (response: http.ServerResponse) => void;

beforeEach(async () => {
  server = await startTestPageServer((_, response) => {
    answer(response);
  });
});
afterEach(() => server.close());

const base = (): string => `http://127.0.0.1:${server.address.port}`;

const office = (url = `${base()}/probe?module=http_2xx&target=x`): VantageSettings => ({
  kind: "metrics",
  name: "office",
  site: "elsewhere",
  url,
  metric: "probe_success",
});

function look(...settings: VantageSettings[]) {
  const readSecret = (file: string): Promise<string> =>
    file === "token" ? Promise.resolve("t0ken") : Promise.reject(new Error("cannot be read"));
  return createVantages({ settings, clock: createSystemClock(), readSecret }).look(new AbortController().signal);
}

describe("a vantage", () => {
  test("is asked at its address and says what its metric is", async () => {
    answer = (response) => response.end("probe_success 0\n");
    expect(await look(office())).toEqual([
      { name: "office", site: "elsewhere", says: "down", because: "probe_success is 0" },
    ]);
    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ["/probe?module=http_2xx&target=x", undefined],
    ]);
  });

  test("that is a Prometheus is asked a query, with its token", async () => {
    answer = (response) =>
      response.end('{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}');
    const query = 'probe_success{job="shop"}';
    const prometheus: VantageSettings = {
      kind: "prometheus",
      name: "cloud",
      site: "primary",
      url: `${base()}/prom/`,
      query,
      tokenFile: "token",
    };
    expect(await look(prometheus)).toMatchObject([{ name: "cloud", site: "primary", says: "up" }]);
    const [request] = server.requests;
    const asked = new URL(request!.url!, base());
    expect([asked.pathname, asked.searchParams.get("query")]).toEqual(["/prom/api/v1/query", query]);
    expect(request!.headers.authorization).toBe("Bearer t0ken");
  });

  test.each<{ readonly when: string; readonly answers: (response: http.ServerResponse) => void; readonly why: RegExp }>(
    [
      { when: "refuses", answers: (response) => response.writeHead(401).end(), why: /status 401 instead of 200/ },
      {
        when: "sends elsewhere",
        answers: (response) => response.writeHead(302, { location: "/" }).end("probe_success 0\n"),
        why: /status 302/,
      },
      { when: "breaks off", answers: (response) => response.destroy(), why: /socket hang up|ECONNRESET/ },
      {
        when: "never ends its page",
        answers: (response) => response.writeHead(200, { "content-length": "999999999" }).write("probe_success 0\n"),
        why: /larger than/,
      },
    ],
  )("that $when says nothing, and why", async ({ answers, why }) => {
    answer = answers;
    const [word] = await look(office());
    expect(word).toMatchObject({ says: "nothing" });
    expect(word!.because).toMatch(why);
  });

  test("whose token cannot be read, or that is not there, does not keep another from being heard", async () => {
    answer = (response) => response.end("probe_success 1\n");
    const nobody = office("http://127.0.0.1:1/probe");
    const words = await look({ ...office(), tokenFile: "lost" }, nobody, office());
    expect(words.map(({ says }) => says)).toEqual(["nothing", "nothing", "up"]);
    expect(words[0]!.because).toContain("cannot be read");
  });
});
