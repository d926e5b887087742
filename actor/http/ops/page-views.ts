import { messageCodes } from "../../../shared/core/message-catalogue.js";
import {
  pageCatalogue,
  pageNames,
  type PageEntry,
  type PageField,
  type PageName,
} from "../../../shared/core/page-catalogue.js";
import type { PreCheckView } from "../../../shared/core/operation-plan.js";
import type { ActorStatus, OperationView } from "../../../shared/core/status.js";
import type { OperationAnswer } from "../../actor-api.js";
import type { Html } from "./html.js";
import { html } from "./html.js";
import type { Session } from "./sessions.js";

export interface PageOptions {
  readonly title: string;
  readonly pair: string;
  readonly session?: Session;
  /** Loaded anew after so many seconds where scripts do not run. */
  readonly reloadSeconds?: number;
  readonly hasScript?: boolean;
  /** The page that this one goes on to by itself. */
  readonly leadsTo?: string;
}

/** The frame of every page. */
export function renderPage(options: PageOptions, main: Html): string {
  const { title, pair, session, reloadSeconds, hasScript, leadsTo } = options;
  const goOn = leadsTo === undefined ? "" : html`<meta http-equiv="refresh" content="0; url=${leadsTo}?again" />`;
  const reload =
    reloadSeconds === undefined
      ? ""
      : html`<noscript><meta http-equiv="refresh" content="${reloadSeconds}" /></noscript>`;
  const script = hasScript === true ? html`<script src="/ops/live-steps.js" defer></script>` : "";
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – SpareSync ${pair}</title>
        <link rel="stylesheet" href="/ops/style.css" />
        ${script}${reload}${goOn}
      </head>
      <body>
        <header role="banner">
          <p><a href="/ops">SpareSync ${pair}</a></p>
          ${session ? signOutForm(session) : ""}
        </header>
        <main>
          <h1>${title}</h1>
          ${main}
        </main>
      </body>
    </html> `.text;
}

function signOutForm({ caller, csrf }: Session): Html {
  return html`<form method="post" action="/ops/sign-out">
    ${csrfField(csrf)}signed in as ${caller.name} (${caller.role}) <button>Sign out</button>
  </form>`;
}

function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}

/** `next`: the page that is shown then. */
export function signInView(next: string, problem: string): Html {
  return html`${problem === "" ? "" : html`<p class="problem" role="alert">${problem}</p>`}
    <form method="post" action="/ops/sign-in">
      <input type="hidden" name="next" value="${next}" />
      <label for="token">Access token</label>
      <input id="token" name="token" type="password" autocomplete="current-password" required maxlength="512" />
      <button>Sign in</button>
    </form>`;
}

const groups = ["switching", "care", "trying out"] as const;

/** All operations, after what is known of the pair now. */
export function listView(status: ActorStatus): Html {
  const lists = groups.map((group) => {
    const links = pageNames
      .filter((name) => pageCatalogue[name].group === group)
      .map((name) => html`<li><a href="/ops/${name}">${pageCatalogue[name].title}</a></li>`);
    return html`<h2>${group === "care" ? "Care" : group === "switching" ? "Switching" : "Trying out"}</h2>
      <ul>
        ${links}
      </ul>`;
  });
  const known = [...(status.operation ? [status.operation] : []), ...status.lastOperations].slice(0, 5);
  const operations = known.map(
    ({ id, kind, state }) => html`<li><a href="/ops/operations/${id}">${kind}: ${state}</a></li>`,
  );
  return html`${stateView(status)}${lists}
  ${
    operations.length === 0
      ? ""
      : html`<h2>Last operations</h2>
          <ul>
            ${operations}
          </ul>`
  }`;
}

function stateView({ server, state, because, active, peer, managedSystem, pause }: ActorStatus): Html {
  const rows: readonly (readonly [string, string])[] = [
    ["This server", `${server}: ${state}${because === "" ? "" : ` (${because})`}`],
    ["Active", active ?? "not known"],
    ["Other server", peer.isConnected ? `${peer.state}, connected` : `${peer.state}, not connected`],
    ["Application on this server", managedSystem.isServing ? "runs" : "stopped"],
    [
      "Automatic switching",
      pause ? `paused until ${new Date(pause.untilMs).toISOString()}: ${pause.reason}` : "not paused",
    ],
  ];
  return html`<h2>State now</h2>
    <table>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </table>`;
}

export interface AskView {
  readonly name: PageName;
  readonly status: ActorStatus;
  readonly session: Session;
  /** What a dry run answers; undefined: there is nothing to plan. */
  readonly plan: OperationAnswer | undefined;
}

/** One operation: what it does, the state, the plan with what stands in its way, and the form that confirms it. */
export function askView({ name, status, session, plan }: AskView): Html {
  const entry: PageEntry = pageCatalogue[name];
  const form =
    session.caller.role === "operator"
      ? confirmForm(name, entry, session, status)
      : html`<p class="problem">The token of ${session.caller.name} may look and not act.</p>`;
  return html`<p${entry.weight === "careful" ? html` class="careful"` : ""}>${entry.purpose}</p>
${stateView(status)}${plan ? planView(plan) : ""}<h2>Do it</h2>${form}`;
}

function confirmForm(name: PageName, entry: PageEntry, { csrf }: Session, status: ActorStatus): Html {
  const { fields, weight, title } = entry;
  const confirm =
    weight === "careful"
      ? html`<label
          ><input type="checkbox" name="confirmed" value="yes" required /> I have read what it does and what is checked
          above</label
        >`
      : html`<input type="hidden" name="confirmed" value="yes" />`;
  return html`<form method="post" action="/ops/${name}">
    ${csrfField(csrf)}${fields.map((field) => fieldView(field, status))}${confirm}<button>${title}</button>
  </form>`;
}

function fieldView({ name, label }: PageField, { operation }: ActorStatus): Html {
  const head = html`<label for="${name}">${label}</label>`;
  switch (name) {
    case "reason":
      return html`${head}<input id="reason" name="reason" required maxlength="500" />`;
    case "hours":
      return html`${head}<input
          id="hours"
          name="hours"
          type="number"
          required
          min="0.1"
          max="168"
          step="0.1"
          value="2"
        />`;
    case "peerIsOff":
      return html`<label><input type="checkbox" name="peerIsOff" value="yes" /> ${label}</label>`;
    case "operation":
      return html`${head}<select id="operation" name="operation" required>
          ${operation ? html`<option value="${operation.id}">${operation.kind}: ${operation.state}</option>` : ""}
        </select>`;
    case "code":
      return html`${head}<select id="code" name="code">
          ${messageCodes.map((code) => html`<option>${code}</option>`)}
        </select>`;
  }
}

function planView(plan: OperationAnswer): Html {
  switch (plan.kind) {
    case "refused":
      return html`<h2>What is checked</h2>
        <p class="problem">It would be refused now: ${plan.because}. ${plan.hint}</p>`;
    case "planned": {
      const obstacles = plan.obstacles.map((obstacle) => html`<li>${obstacle}</li>`);
      const checks =
        obstacles.length === 0
          ? html`<p class="good">Nothing stands in the way.</p>`
          : html`<div class="problem">
              <p>This stands in the way:</p>
              <ul>
                ${obstacles}
              </ul>
            </div>`;
      return html`<h2>What is checked</h2>
        ${checks}${checksView(plan.checks)}
        <h2>What would be done</h2>
        ${stepsView(plan.operation)}`;
    }
    case "accepted":
    case "running":
      return html`<h2>What is checked</h2>
        <p class="problem">
          An operation runs already: <a href="/ops/operations/${plan.operation.id}">${plan.operation.kind}</a>.
        </p>`;
  }
}

/** What was looked at on each server, and what to do about what does not hold. */
function checksView(checks: readonly PreCheckView[]): Html {
  const rows = checks.map(
    ({ server, name, passed, because, hint }) =>
      html`<tr>
        <th scope="row">${server}: ${name}</th>
        <td>${passed ? "passed" : "not passed"}: ${because}${hint === "" ? "" : `. ${hint}`}</td>
      </tr>`,
  );
  if (rows.length === 0) return html``;
  return html`<table>
    ${rows}
  </table>`;
}

/** The steps as a list; also what the live script puts in. */
export function stepsView({ state, because, steps }: OperationView): Html {
  const rows = steps.map(
    ({ title, runsOn, state: stepState, because: why }) =>
      html`<li>${title}, on the ${runsOn}: <strong>${stepState}</strong>${why === "" ? "" : ` (${why})`}</li>`,
  );
  return html`<p>The operation: <strong>${state}</strong>${because === "" ? "" : ` (${because})`}</p>
    <ol>
      ${rows}
    </ol>`;
}

export function operationView(operation: OperationView): Html {
  const { id, kind, requestedBy, reason } = operation;
  return html`<p>${kind}, asked for by ${requestedBy}: ${reason}</p>
    <section
      id="steps"
      aria-live="polite"
      aria-label="Steps"
      data-source="/ops/operations/${id}/steps"
      data-state="${operation.state}"
    >
      ${stepsView(operation)}
    </section>`;
}

/** What came of an operation that has no steps. */
export function resultView(text: string, isGood: boolean): Html {
  return html`<p class="${isGood ? "good" : "problem"}" role="${isGood ? "status" : "alert"}">${text}</p>
    <p><a href="/ops">All operations</a></p>`;
}
