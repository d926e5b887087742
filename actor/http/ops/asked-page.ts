import type { RouterContext } from "@koa/router";
import { pageNames } from "../../../shared/core/page-catalogue.js";

const list = "/ops";
const pages: ReadonlySet<string> = new Set([list, ...pageNames.map((name) => `/ops/${name}`)]);
const operationPage = /^\/ops\/operations\/[\w.%-]{1,300}$/;

/** Where a sign-in leads: to the page that was asked for. Anything but one of these pages leads to the list. */
export function askedPage(path: string | undefined): string {
  return path !== undefined && (pages.has(path) || operationPage.test(path)) ? path : list;
}

/**
 * Whether a link of another site led here (Fetch Metadata, W3C, section 2.3). The browser does not send the cookie along
 * with it then, because it is SameSite=Strict: whoever is signed in looks like a stranger, until this site itself asks for
 * the page.
 */
export function isLedHereByOthers({ method, headers }: RouterContext): boolean {
  return method === "GET" && headers["sec-fetch-site"] === "cross-site";
}
