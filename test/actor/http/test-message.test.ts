import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AppError } from "../../../shared/core/app-error.js";
import { askAdmin, startAdmin, type AdminBench } from "../../support/admin-bench.js";

let bench: AdminBench;
beforeEach(async () => {
  bench = await startAdmin();
});
afterEach(() => bench.server.stop());

const ask = (body: object, token = "o") => askAdmin(bench.port, { path: "/v1/messages/test", token, body });

test("an operator sends a test message; nobody else does", async () => {
  expect(await ask({})).toMatchObject({ status: 200, body: { code: "MainAppInvisible", sent: true } });
  expect((await ask({}, "v")).status).toBe(403);
  expect((await ask({ code: "Nonsense" })).status).toBe(400);
  expect(bench.actor.asked).toEqual([{ testMessage: "MainAppInvisible", requestedBy: "olga" }]);
});

test("what the mail server said reaches the caller", async () => {
  bench.actor.failure = new AppError("MAIL_FAILED", "wrong password");
  expect(await ask({ code: "TurnedOff" })).toMatchObject({
    status: 502,
    body: { error: { message: "wrong password" } },
  });
});
