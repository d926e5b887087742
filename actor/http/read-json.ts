import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import { readBody } from "../../shared/read-body.js";

export const jsonLimitBytes = 256 * 1024;

/**
 * The validated JSON body of a request. Only `application/json`: a browser's form cannot send it across origins without
 * asking first (Fetch standard, CORS-safelisted content types), and nothing here answers such a question. Rejects with
 * MEDIA_TYPE_REFUSED, REQUEST_TOO_LARGE or REQUEST_INVALID; what was sent is never repeated in the message.
 */
export async function readJson<Body>(request: IncomingMessage, schema: z.ZodType<Body>): Promise<Body> {
  refuseForeignOrigin(request);
  refuseOtherMediaTypes(request);
  const text = (await readBody(request, jsonLimitBytes)).toString();
  const parsed = schema.safeParse(text.trim() === "" ? {} : parse(text));
  if (parsed.success) return parsed.data;
  throw new AppError("REQUEST_INVALID", parsed.error.issues.slice(0, 5).map(describe).join("; "));
}

/** A page of another origin that got hold of a token still may not act with it from its visitor's browser. */
function refuseForeignOrigin({ headers }: IncomingMessage): void {
  if (headers.origin === undefined) return;
  const host = URL.canParse(headers.origin) ? new URL(headers.origin).host : undefined;
  if (host === undefined || host !== headers.host) {
    throw new AppError("NOT_ALLOWED", "a page of another origin may not ask for this");
  }
}

function refuseOtherMediaTypes({ headers }: IncomingMessage): void {
  const mediaType = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new AppError("MEDIA_TYPE_REFUSED", "send the header `Content-Type: application/json`");
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    throw new AppError("MEDIA_TYPE_REFUSED", "send the body without compression");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("REQUEST_INVALID", "the body is not JSON");
  }
}

/** Where and what kind; zod's own message can repeat the input. */
function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "the body" : issue.path.map(String).join(".");
  return issue.code === "unrecognized_keys" ? `${where} has an unknown key` : `${where}: ${issue.code}`;
}
