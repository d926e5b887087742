import { once } from "node:events";
import type http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { createSelfSignedCertificate } from "../../shared/self-signed-certificate.js";
import type { PlanStepView } from "../../shared/core/operation-plan.js";
import type { OperationView } from "../../shared/core/status.js";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: unknown;
}
export interface StubAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly text?: string;
  /** Breaks the connection instead of answering. */
  readonly isBroken?: boolean;
}

/** An admin listener on loopback whose answers are given; ends with close(). */
export async function openAdminStub(answer: (request: SeenRequest) => StubAnswer) {
  const { certificate, privateKey } = await createSelfSignedCertificate("stub", ["actor.example.org"]);
  const seen: SeenRequest[] = [];
  const server = https.createServer({ cert: certificate, key: privateKey }, (request, response) => {
    void respond(request, response);
  });
  async function respond(request: http.IncomingMessage, response: http.ServerResponse) {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { method = "", url = "", headers } = request;
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const one = { method, url, authorization: headers.authorization ?? "", body };
    seen.push(one);
    const given = answer(one);
    if (given.isBroken) response.destroy();
    else response.writeHead(given.status ?? 200).end(given.text ?? JSON.stringify(given.body));
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    certificate,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An operation as the actor shows it. */
export function operationExample(change: Partial<OperationView> = {}): OperationView {
  return {
    id: "op1",
    kind: "switch-to-secondary",
    state: "running",
    requestedBy: "operator",
    reason: "maintenance",
    from: "primary",
    to: "secondary",
    startedAtMs: 1_700_000_000_000,
    endedAtMs: 0,
    because: "",
    progressRatio: 0,
    steps: [
      stepExample("stop-managed-system", "done"),
      stepExample("drain", "running"),
      stepExample("claim", "waiting"),
    ],
    ...change,
  };
}

export function stepExample(name: string, state: OperationView["steps"][number]["state"], because = "") {
  return { name, title: `Step ${name}`, runsOn: "primary" as const, state, startedAtMs: 0, endedAtMs: 0, because };
}

export function planStepExample(name: string): PlanStepView {
  return {
    name,
    title: `Step ${name}`,
    runsOn: "primary",
    limitSeconds: 30,
    patienceSeconds: 1200,
    undo: "nothing-to-undo",
    skippedBecause: "",
  };
}
