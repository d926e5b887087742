import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createMailer, type MailSettings } from "../../../actor/notify/mailer.js";
import { createSelfSignedCertificate } from "../../../shared/self-signed-certificate.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { settingsSchema } from "../../../shared/core/settings/settings.js";
import { freePort } from "../../support/free-port.js";
import { startMailCatcher, type MailCatcher, type MailCatcherOptions } from "../../support/mail-catcher.js";

const mail = {
  id: "shop.secondary.MainAppInvisible.5.repeated.9",
  inReplyTo: "shop.secondary.MainAppInvisible.5",
  subject: "[SpareSync shop] still: ü",
  text: "It is not available.\n",
  html: "<p>It is not available.</p>",
};
const never = new AbortController().signal;

let folder: string;
let catcher: MailCatcher | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "mailer-"));
});
afterEach(async () => {
  await catcher?.stop();
  catcher = undefined;
  await rm(folder, { recursive: true });
});

function settings(port: number, change: Partial<MailSettings> = {}): MailSettings {
  const mailSettings = settingsSchema.shape.notifications.parse({
    mail: { from: "sparesync@example.test", to: ["a@example.test", "b@example.test"], limitSeconds: 5 },
  }).mail;
  return { ...mailSettings, security: "none", server: { host: "127.0.0.1", port }, ...change };
}

async function file(name: string, content: string): Promise<string> {
  const place = path.join(folder, name);
  await writeFile(place, content, { mode: 0o600 });
  return place;
}

async function startEncrypted(options: MailCatcherOptions = {}) {
  const { certificate, privateKey } = await createSelfSignedCertificate("mail", ["127.0.0.1"]);
  catcher = await startMailCatcher({ tls: { cert: certificate, key: privateKey }, ...options });
  return { caught: catcher, caFile: await file("ca.pem", certificate) };
}

const send = (mailSettings: MailSettings): Promise<void> =>
  createMailer(mailSettings, createSystemClock()).sendMail(mail, never);

describe("a mail", () => {
  test("reaches every address as text and HTML, in its thread, and asks for no automatic answer", async () => {
    catcher = await startMailCatcher();
    await send(settings(catcher.port));
    const [caught] = catcher.mails;
    expect(caught).toMatchObject({ from: "sparesync@example.test", to: ["a@example.test", "b@example.test"] });
    const raw = caught?.raw ?? "";
    for (const line of [
      /^Message-ID: <shop\.secondary\.MainAppInvisible\.5\.repeated\.9@example\.test>\r$/m,
      /^In-Reply-To: <shop\.secondary\.MainAppInvisible\.5@example\.test>\r$/m,
      /^Auto-Submitted: auto-generated\r$/m,
      /^Content-Type: multipart\/alternative/m,
      /^Content-Type: text\/plain; charset=utf-8\r$/m,
      /^Content-Type: text\/html; charset=utf-8\r$/m,
    ])
      expect(raw).toMatch(line);
  });

  test("goes over STARTTLS with a sign-in whose password stands in a file", async () => {
    const { caught, caFile } = await startEncrypted({ login: { user: "spare", password: "s3cret" } });
    const passwordFile = await file("password", "s3cret\n");
    await send(settings(caught.port, { security: "starttls", caFile, user: "spare", passwordFile }));
    expect(caught.mails).toMatchObject([{ isEncrypted: true, user: "spare" }]);
  });

  test("goes over TLS from the start", async () => {
    const { caught, caFile } = await startEncrypted({ isTlsFromStart: true });
    await send(settings(caught.port, { security: "tls", caFile }));
    expect(caught.mails).toMatchObject([{ isEncrypted: true }]);
  });
});

describe("a mail that is not taken", () => {
  test("because the server offers no STARTTLS is not sent in clear text", async () => {
    catcher = await startMailCatcher();
    await expect(send(settings(catcher.port, { security: "starttls" }))).rejects.toMatchObject({ code: "MAIL_FAILED" });
    expect(catcher.mails).toEqual([]);
  });

  test("because the certificate is not known is not sent", async () => {
    const { caught } = await startEncrypted();
    await expect(send(settings(caught.port, { security: "starttls" }))).rejects.toMatchObject({ code: "MAIL_FAILED" });
    expect(caught.mails).toEqual([]);
  });

  test("because the password is wrong waits for a person, and the error does not show it", async () => {
    const { caught, caFile } = await startEncrypted({ login: { user: "spare", password: "s3cret" } });
    const passwordFile = await file("password", "hunter2");
    const error: unknown = await send(
      settings(caught.port, { security: "starttls", caFile, user: "spare", passwordFile }),
    ).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "MAIL_FAILED" });
    expect(String(error)).not.toContain("hunter2");
  });

  test.each([
    { when: "for now", status: 451, code: "MAIL_FAILED" },
    { when: "for good", status: 554, code: "MAIL_REFUSED" },
  ])("by its content, $when, is $code", async ({ status, code }) => {
    catcher = await startMailCatcher();
    catcher.refuseWith = status;
    await expect(send(settings(catcher.port))).rejects.toMatchObject({ code });
  });

  test.each([
    { when: "the sign-in that is missing", sender: 530, recipients: [], code: "MAIL_FAILED" },
    { when: "a sender that is not allowed", sender: 550, recipients: [], code: "MAIL_FAILED" },
    { when: "the form of the sender", sender: 553, recipients: [], code: "MAIL_FAILED" },
    { when: "all recipients, for good", sender: 0, recipients: [550, 553], code: "MAIL_REFUSED" },
    { when: "all recipients, one of them for now", sender: 0, recipients: [450, 550], code: "MAIL_FAILED" },
    { when: "relaying without a sign-in", sender: 0, recipients: [554, 554], code: "MAIL_FAILED" },
  ])("because of $when is $code", async ({ sender, recipients, code }) => {
    catcher = await startMailCatcher();
    Object.assign(catcher, { refuseSenderWith: sender, refuseRecipientsWith: recipients });
    await expect(send(settings(catcher.port))).rejects.toMatchObject({ code });
  });

  test("by one recipient reaches the other", async () => {
    catcher = await startMailCatcher();
    catcher.refuseRecipientsWith = [550];
    await send(settings(catcher.port));
    expect(catcher.mails).toMatchObject([{ to: ["b@example.test"] }]);
  });

  test("because nobody listens names the server", async () => {
    const port = await freePort();
    await expect(send(settings(port))).rejects.toMatchObject({
      code: "MAIL_FAILED",
      message: expect.stringContaining(`127.0.0.1:${port} did not take the mail`),
    });
  });
});
