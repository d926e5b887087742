import type Router from "@koa/router";
import type { RouterContext } from "@koa/router";
import { AppError, errorMessage } from "../../../shared/core/app-error.js";
import type { ClockPort } from "../../../shared/core/clock-port.js";
import { errorCatalogue } from "../../../shared/core/error-catalogue.js";
import type { LoggerPort } from "../../../shared/core/logger-port.js";
import { pageCatalogue, pageNames, type PageName } from "../../../shared/core/page-catalogue.js";
import { readBody } from "../../../shared/read-body.js";
import type { Actor } from "../../actor-api.js";
import type { VerifyToken } from "../authorize.js";
import type { DelayFailure } from "../failure-delay.js";
import { askedPage, isLedHereByOthers } from "./asked-page.js";
import { carryOut, planPage, type Form } from "./carry-out.js";
import type { Html } from "./html.js";
import { liveSteps } from "./live-steps.js";
import {
  askView,
  listView,
  operationView,
  renderPage,
  resultView,
  signInView,
  stepsView,
  type PageOptions,
} from "./page-views.js";
import { createSessions, isSameSecret, type Session, type Sessions } from "./sessions.js";
import { style } from "./style.js";

export interface OpsPagesOptions {
  readonly actor: Actor;
  readonly pair: string;
  readonly verifyToken: VerifyToken;
  readonly log: LoggerPort;
  readonly clock: ClockPort;
  readonly delayFailure: DelayFailure;
}

/** Everything from here, no script in the page itself, no frame around it, forms only to here. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** `__Host-`: the browser takes it only with Secure, Path=/ and without a domain (RFC 6265bis section 4.1.3.2). */
const cookieName = "__Host-sparesync";
const formLimitBytes = 16 * 1024;

/** Adds the operation pages to the router of the admin listener. Each answers its own errors as a page. */
export function addOpsPages(router: Router, options: OpsPagesOptions): void {
  const sessions = createSessions(options.verifyToken, options.clock);
  const frames = createFrames(options, sessions);
  router.get("/ops/style.css", (context) => {
    Object.assign(context, { type: "text/css; charset=utf-8", body: style });
  });
  router.get("/ops/live-steps.js", (context) => {
    Object.assign(context, { type: "text/javascript; charset=utf-8", body: liveSteps });
  });
  addSignIn(router, options, sessions, frames);
  addViews(router, options, frames);
  addOperationPages(router, options, frames);
}

interface Frames {
  readonly page: (context: RouterContext, title: string, main: Html, rest?: PageRest) => void;
  /** `next`: the page that the sign-in leads to. */
  readonly showSignIn: (context: RouterContext, status: number, next: string, problem?: string) => void;
  /** What only somebody who is signed in sees; everybody else is asked for a token first. */
  readonly signedIn: (show: (context: RouterContext, session: Session) => void | Promise<void>) => Show;
  /** The same for a form: it must hold what only a page of this sign-in can know. */
  readonly posted: (show: (context: RouterContext, session: Session, form: Form) => void | Promise<void>) => Show;
  /** Answers what is thrown as a page. */
  readonly guarded: (context: RouterContext, answer: () => void | Promise<void>) => Promise<void>;
}

type PageRest = Pick<PageOptions, "session" | "reloadSeconds" | "hasScript" | "leadsTo">;

type Show = (context: RouterContext) => Promise<void>;

function createFrames({ pair, log }: OpsPagesOptions, sessions: Sessions): Frames {
  const frames: Frames = {
    page: (context, title, main, rest = {}) => {
      context.type = "text/html; charset=utf-8";
      context.body = renderPage({ title, pair, ...rest }, main);
    },
    showSignIn: (context, status, next, problem = "") => {
      context.status = status;
      // Asked for from here the page comes with the cookie, if there is one; else it is no longer others who lead here.
      const rest = isLedHereByOthers(context) ? { leadsTo: next } : {};
      frames.page(context, "Sign in", signInView(next, problem), rest);
    },
    signedIn: (show) => (context) =>
      frames.guarded(context, async () => {
        const session = sessions.find(context.cookies.get(cookieName));
        if (session) await show(context, session);
        else frames.showSignIn(context, 401, askedPage(context.path));
      }),
    posted: (show) =>
      frames.signedIn(async (context, session) => {
        const form = await readForm(context);
        if (!isSameSecret(form["csrf"] ?? "", session.csrf)) {
          throw new AppError("NOT_ALLOWED", "this form does not belong to your sign-in; load the page again");
        }
        await show(context, session, form);
      }),
    guarded: async (context, answer) => {
      context.set("Content-Security-Policy", contentSecurityPolicy);
      try {
        await answer();
      } catch (error) {
        const isExpected = error instanceof AppError;
        if (!isExpected) log.error("admin-request-failed", { route: context.path, because: errorMessage(error) });
        const text = isExpected
          ? [error.message, error.hint ?? ""].join(". ")
          : "a fault of SpareSync; its log says more";
        context.status = errorCatalogue[isExpected ? error.code : "UNEXPECTED"].httpStatus;
        frames.page(context, "Not done", resultView(text, false));
        if (!context.req.complete) context.set("Connection", "close");
      }
    },
  };
  return frames;
}

function addSignIn(router: Router, { actor, delayFailure }: OpsPagesOptions, sessions: Sessions, frames: Frames): void {
  router.post("/ops/sign-in", (context) =>
    frames.guarded(context, async () => {
      const { token = "", next } = await readForm(context);
      const cookie = sessions.signIn(token);
      if (cookie === undefined) {
        actor.count("auth_failures");
        await delayFailure();
        frames.showSignIn(context, 401, askedPage(next), "This token is not known, or has no operation pages.");
        return;
      }
      setCookie(context, cookie);
      redirect(context, askedPage(next));
    }),
  );
  router.post(
    "/ops/sign-out",
    frames.posted((context) => {
      sessions.signOut(context.cookies.get(cookieName));
      setCookie(context, "", "; Max-Age=0");
      frames.showSignIn(context, 200, askedPage(undefined));
    }),
  );
}

function addViews(router: Router, { actor }: OpsPagesOptions, { page, signedIn }: Frames): void {
  router.get(
    "/ops",
    signedIn((context, session) => {
      page(context, "Operations", listView(actor.status()), { session });
    }),
  );
  router.get(
    "/ops/operations/:id",
    signedIn((context, session) => {
      const operation = findOperation(actor, context);
      const isOver = operation.state === "done" || operation.state === "undone";
      const rest = { session, hasScript: true, ...(isOver ? {} : { reloadSeconds: 3 }) };
      page(context, "Operation", operationView(operation), rest);
    }),
  );
  router.get(
    "/ops/operations/:id/steps",
    signedIn((context) => {
      const operation = findOperation(actor, context);
      context.set("X-Operation-State", operation.state);
      context.type = "text/html; charset=utf-8";
      context.body = stepsView(operation).text;
    }),
  );
}

/** Two requests for each entry of the catalogue: the page that asks, and its form. */
function addOperationPages(router: Router, { actor, log }: OpsPagesOptions, { signedIn, posted, page }: Frames): void {
  for (const name of pageNames) {
    const { title } = pageCatalogue[name];
    router.get(
      `/ops/${name}`,
      signedIn(async (context, session) => {
        const plan = session.caller.role === "operator" ? await planPage(actor, name, session.caller.name) : undefined;
        page(context, title, askView({ name, status: actor.status(), session, plan }), { session });
      }),
    );
    router.post(
      `/ops/${name}`,
      posted(async (context, session, form) => {
        requireConfirmation(name, session, form);
        const done = await carryOut(actor, name, form, session.caller.name);
        log.info("admin-request", { route: `/ops/${name}`, by: session.caller.name, status: 200 });
        if ("text" in done) page(context, title, resultView(done.text, true), { session });
        else redirect(context, `/ops/operations/${encodeURIComponent(done.operationId)}`);
      }),
    );
  }
}

/** 303: the browser gets the next page by GET, so that loading it again asks for nothing twice. */
function redirect(context: RouterContext, path: string): void {
  context.redirect(path);
  context.status = 303;
}

function requireConfirmation(name: PageName, { caller }: Session, form: Form): void {
  if (caller.role !== "operator") throw new AppError("NOT_ALLOWED", `the token "${caller.name}" may look and not act`);
  if (form["confirmed"] !== "yes") throw new AppError("REQUEST_INVALID", `${name} was not confirmed`);
}

function findOperation(actor: Actor, context: RouterContext) {
  const operation = actor.operations().find(({ id }) => id === context.params["id"]);
  if (operation) return operation;
  throw new AppError("NOT_FOUND", "there is no operation of this id");
}

async function readForm(context: RouterContext): Promise<Form> {
  const { origin, host } = context.headers;
  const isForeign = origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
  if (isForeign) throw new AppError("NOT_ALLOWED", "a page of another origin may not ask for this");
  if (context.is("application/x-www-form-urlencoded") === false) {
    throw new AppError("MEDIA_TYPE_REFUSED", "send the form of the page");
  }
  const text = (await readBody(context.req, formLimitBytes)).toString();
  return Object.fromEntries(new URLSearchParams(text));
}

/** Without an age of its own: that would be counted from the sign-in, and it is the last request that counts here. */
function setCookie(context: RouterContext, value: string, age = ""): void {
  context.set("Set-Cookie", `${cookieName}=${value}; Path=/${age}; HttpOnly; Secure; SameSite=Strict`);
}
