import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { createAlertmanagerClient } from "./alertmanager-client.js";
import { createMailer } from "./mailer.js";
import type { MessagePorts } from "./message-ports.js";
import { createOutboxDisk } from "./outbox-disk.js";

export interface MessagePortsOptions {
  readonly settings: Pick<Settings, "pair" | "stateDirectory" | "notifications">;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly listening: MessagePorts["listening"];
}

/** Mail server, Alertmanagers and outbox of the settings. */
export function createMessagePorts({ settings, clock, log, listening }: MessagePortsOptions): MessagePorts {
  const { pair, stateDirectory, notifications } = settings;
  return {
    ...createMailer(notifications.mail, clock),
    heldAlerts: createAlertmanagerClient({ settings: notifications, pair, clock, log }),
    listening,
    outbox: createOutboxDisk(stateDirectory),
  };
}
