import { readFileSync } from "node:fs";

/** What the demonstration's web application is told about the server it stands on. It knows nothing of SpareSync. */
export interface ApplicationConfig {
  /** Shown in its answers, so that a client sees who served it. */
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** Its program folder: `app_offline.htm` in here stops it from serving. */
  readonly directory: string;
  readonly uploadFolder: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
  };
}

/** Not validated: the demonstration wrote it itself, and each load of a schema library would slow a stop or a start. */
export function readApplicationConfig(file: string): ApplicationConfig {
  return JSON.parse(readFileSync(file, "utf8")) as ApplicationConfig;
}
