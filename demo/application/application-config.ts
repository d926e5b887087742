import { readFileSync } from "node:fs";
import { z } from "zod";

/** What the demonstration's web application is told about the server it stands on. It knows nothing of SpareSync. */
export const applicationConfig = z.strictObject({
  /** Shown in its answers, so that a client sees who served it. */
  server: z.string().min(1),
  host: z.string().min(1),
  port: z.int().min(1).max(65535),
  /** Its program folder: `app_offline.htm` in here stops it from serving. */
  directory: z.string().min(1),
  uploadFolder: z.string().min(1),
  pidFile: z.string().min(1),
  logFile: z.string().min(1),
  database: z.strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65535),
    database: z.string().min(1),
    user: z.string().min(1),
  }),
});
export type ApplicationConfig = z.output<typeof applicationConfig>;

export function readApplicationConfig(file: string): ApplicationConfig {
  return applicationConfig.parse(JSON.parse(readFileSync(file, "utf8")));
}
