import { connect } from "node:net";
import { errorCode, errorMessage } from "../core/app-error.js";
import type { ClockPort } from "../core/clock-port.js";
import type { Settings } from "../core/settings/settings.js";
import { withDeadline } from "../deadline.js";

/** A TCP connect across the internet takes well under a second; with two lost SYNs (1 s + 2 s) still less than this. */
export const externalResourceLimitSeconds = 5;

export interface ExternalResourceResult {
  readonly name: string;
  readonly isReachable: boolean;
  /** One sentence: connected, or why not. */
  readonly because: string;
}

export interface ExternalResourcesResult {
  /** Whether as many are reachable as the settings require; with none required, always. */
  readonly available: boolean;
  readonly because: string;
  readonly resources: readonly ExternalResourceResult[];
}

export interface ExternalResourcesProbeOptions {
  readonly settings: Pick<Settings["externalResources"], "required" | "resources">;
  readonly clock: ClockPort;
  readonly signal?: AbortSignal | undefined;
  readonly limitSeconds?: number;
}

/**
 * Connects to every resource at the same time and closes at once; nothing is sent. Resolves with what was seen; rejects
 * only with ABORTED.
 */
export async function probeExternalResources(options: ExternalResourcesProbeOptions): Promise<ExternalResourcesResult> {
  const { resources: wanted, required } = options.settings;
  const resources = await Promise.all(wanted.map((resource) => probeResource(resource, options)));
  const reachable = resources.filter(({ isReachable }) => isReachable).length;
  return {
    available: reachable >= required,
    because: `${reachable} of ${wanted.length} external resources are reachable, ${required} are required`,
    resources,
  };
}

async function probeResource(
  { name, address }: Settings["externalResources"]["resources"][number],
  { clock, signal, limitSeconds = externalResourceLimitSeconds }: ExternalResourcesProbeOptions,
): Promise<ExternalResourceResult> {
  try {
    await withDeadline(clock, { signal, limitSeconds, what: `connecting to ${name}` }, (ending) =>
      connectOnce(address, ending),
    );
    return { name, isReachable: true, because: "connected" };
  } catch (error) {
    if (errorCode(error) === "ABORTED") throw error;
    return { name, isReachable: false, because: errorMessage(error) };
  }
}

function connectOnce(address: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port });
    const close = (): void => {
      socket.destroy();
    };
    signal.addEventListener("abort", close, { once: true });
    socket.once("connect", () => {
      resolve();
    });
    socket.on("error", reject);
  });
}
