import type { z } from "zod";
import type { Actor } from "../actor-api.js";
import type { DatabaseTasks } from "../core/database-task.js";

/** Who asks, as the token says. */
export interface Caller {
  readonly name: string;
  readonly role: "viewer" | "operator" | "alertmanager";
}

/** Who may use a route: anyone without a token; a viewer or more; an operator; Alertmanager and nobody else. */
export type Access = "anyone" | "viewer" | "operator" | "alertmanager";

export interface RouteContext<Body> {
  readonly actor: Actor;
  readonly databases: DatabaseTasks;
  readonly pair: string;
  /** The name of the token; empty where anyone may ask. */
  readonly callerName: string;
  readonly params: Readonly<Record<string, string>>;
  /** The query of the address; of a name given twice the last value. */
  readonly query: Readonly<Record<string, string>>;
  readonly body: Body;
}

export interface RouteAnswer {
  readonly status: 200 | 202;
  /** Plain data; sent as JSON. */
  readonly body: object;
}

/** One request the admin listener answers. What `answer` throws as AppError becomes the error answer. */
export interface Route<Body = unknown> {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** One sentence for docs/api.md. */
  readonly purpose: string;
  readonly access: Access;
  /** What the body must be; only of POST. An empty body is taken as `{}`. */
  readonly body?: z.ZodType<Body>;
  /** Where set, requests that do not reach `answer` are counted as `<this>.unauthenticated`, `.oversized`, `.malformed`. */
  readonly rejectionCounter?: string;
  answer(context: RouteContext<Body>): RouteAnswer | Promise<RouteAnswer>;
}

/** Declares a route: the type of the body follows from its schema, and the list can hold all of them. */
export function defineRoute<Body>(route: Route<Body>): Route {
  // Method parameters are compared bivariantly; the admin server calls `answer` only with what `body` has parsed.
  return route;
}
