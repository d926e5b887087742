import { z } from "zod";
import { isCronLine } from "./cron-line.js";

/** A calendar of moments in the server's local time; empty for none. */
export const cronSetting = z
  .string()
  .max(100)
  .refine((text) => text === "" || isCronLine(text), {
    error: "expected a cron line of five fields of numbers (minute hour day month weekday), such as 0 3 * * 0",
  });
