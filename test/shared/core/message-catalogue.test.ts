import { expect, test } from "@jest/globals";
import { type Message, messageCatalogue } from "../../../shared/core/message-catalogue.js";

const rows = Object.entries<Message>(messageCatalogue).map(
  ([code, { delaySeconds, repeatSeconds }]) => `${code} ${delaySeconds} ${repeatSeconds ?? "-"}`,
);

test("the 18 messages have the delays and repeats that were promised", () => {
  expect(rows).toEqual([
    "MissingConnection 60 28800",
    "FileSyncProblemWarn 60 14400",
    "FileSyncProblemFatal 10 86400",
    "TurnedOff 1 -",
    "TurnedOn 1 -",
    "ConfigurationError 1 43200",
    "MainAppInvisible 120 86400",
    "MainAppVisible 1 -",
    "SwitchedSuccessfully 1 -",
    "SwitchedFailed 0 -",
    "DbSyncProblemWarn 60 14400",
    "DbSyncProblemFatal 10 86400",
    "DbSyncReInitRequired 1 -",
    "SwitchOnMainAppUnavailable 1 -",
    "OtherStoppedNotify 60 3600",
    "HttpServerNotStarted 0 86400",
    "LinkServerNotStarted 0 86400",
    "ExternalResourcesInvisible 60 43200",
  ]);
});

test("only one message asks for a failover", () => {
  const asking = Object.entries<Message>(messageCatalogue).filter(([, { action }]) => action !== undefined);
  expect(asking.map(([code]) => code)).toEqual(["MainAppInvisible"]);
});

test("what is repeated is a condition; an event is said once", () => {
  for (const { kind, repeatSeconds } of Object.values<Message>(messageCatalogue)) {
    if (kind === "event") expect(repeatSeconds).toBeUndefined();
  }
});
