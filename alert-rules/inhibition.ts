import type { AlertCode } from "../shared/core/alert-catalogue.js";

/** While an alert of `because` fires, those of `silent` with the same labels `equal` are not told. */
export interface Inhibition {
  readonly because: readonly AlertCode[];
  readonly silent: readonly AlertCode[];
  /** Only those with this reason. */
  readonly reason?: string;
  readonly equal: readonly string[];
}

/**
 * Who knows the cause needs not be told its consequences. MainAppInvisible is never silenced: it asks for a failover, and
 * people must know that the application is away whatever else is wrong.
 */
export const inhibitions: readonly Inhibition[] = [
  { because: ["OtherStoppedNotify"], silent: ["ActorDown", "MissingConnection", "SyncStalled"], equal: ["pair"] },
  { because: ["ActorDown", "LinkServerNotStarted"], silent: ["MissingConnection"], equal: ["pair"] },
  { because: ["ActorDown", "MissingConnection"], silent: ["SyncStalled", "NotReady"], equal: ["pair"] },
  { because: ["ExporterDown"], silent: ["ManagedSystemNotWatched"], equal: ["pair"] },
  { because: ["FileSyncProblemFatal"], silent: ["FileSyncProblemWarn"], equal: ["pair", "folder"] },
  { because: ["DbSyncProblemFatal"], silent: ["DbSyncProblemWarn"], equal: ["pair", "database"] },
  { because: ["FileSyncProblemFatal"], silent: ["ConfigurationError"], reason: "fatal-file-error", equal: ["pair"] },
  { because: ["DbSyncProblemFatal"], silent: ["ConfigurationError"], reason: "fatal-database-error", equal: ["pair"] },
  {
    because: ["DbSyncReInitRequired", "FileSyncProblemFatal", "DbSyncProblemFatal", "ConfigurationError"],
    silent: ["NotReady"],
    equal: ["pair"],
  },
];
