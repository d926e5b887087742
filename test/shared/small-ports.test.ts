import { describe, expect, test } from "@jest/globals";
import { PassThrough } from "node:stream";
import { createJsonLogger } from "../../shared/json-logger.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";

describe("system clock", () => {
  const clock = createSystemClock();

  test("the monotonic clock counts milliseconds and never goes back", async () => {
    const before = clock.monotonicMs();
    await clock.sleep(20);
    const passed = clock.monotonicMs() - before;
    expect(passed).toBeGreaterThanOrEqual(19);
    expect(passed).toBeLessThan(5000);
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1000);
  });

  test("a sleep is cancelled at once, also when the signal was aborted before", async () => {
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toMatchObject({ code: "ABORTED" });
    await expect(clock.sleep(60_000, controller.signal)).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("a sleep longer than a timer can be does not end at once", async () => {
    const controller = new AbortController();
    let ended = false;
    const sleeping = clock.sleep(3_000_000_000, controller.signal).then(
      () => {
        ended = true;
      },
      () => undefined,
    );
    await clock.sleep(20);
    expect(ended).toBe(false);
    controller.abort();
    await sleeping;
  });
});

test("identifiers are 24 lower-case letters and digits, all different", () => {
  const random = createSystemRandom();
  const ids = Array.from({ length: 1000 }, () => random.id());
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]{24}$/);
  expect(new Set(ids).size).toBe(1000);
});

describe("JSON logger", () => {
  function logger(level?: "debug" | "warn") {
    const stream = new PassThrough();
    const log = createJsonLogger({
      stream,
      wallMs: () => 0,
      fields: { pair: "shop" },
      ...(level === undefined ? {} : { level }),
    });
    const lines = () =>
      String(stream.read() ?? "")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as unknown);
    return { stream, log, lines };
  }

  test("each line is one object with time, level, event and the fields, without secrets", () => {
    const { log, lines } = logger();
    log.info("link-opened", { peer: "secondary", token: "abc" });
    log.error("two\nlines", { level: "debug", event: "other" });
    expect(lines()).toEqual([
      {
        time: "1970-01-01T00:00:00.000Z",
        level: "info",
        event: "link-opened",
        pair: "shop",
        peer: "secondary",
        token: "[redacted]",
      },
      { time: "1970-01-01T00:00:00.000Z", level: "error", event: "two\nlines", pair: "shop" },
    ]);
  });

  test.each([
    { when: "no level is given", level: undefined, expected: ["info", "warn", "error"] },
    { when: "the level is debug", level: "debug" as const, expected: ["debug", "info", "warn", "error"] },
    { when: "the level is warn", level: "warn" as const, expected: ["warn", "error"] },
  ])("$expected are written when $when", ({ level, expected }) => {
    const { log, lines } = logger(level);
    log.debug("a");
    log.info("a");
    log.warn("a");
    log.error("a");
    expect(lines().map((line) => (line as { level: string }).level)).toEqual(expected);
  });

  test("a reader that went away does not stop the process", async () => {
    const { stream, log } = logger();
    stream.destroy(new Error("EPIPE"));
    await new Promise((resolve) => stream.once("close", resolve));
    expect(() => {
      log.info("still-here");
    }).not.toThrow();
  });
});
