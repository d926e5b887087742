import { z } from "zod";

export const vantageWords = ["down", "up", "nothing"] as const;

/** What another place says of the active server's managed system. */
export const vantageWord = z.object({
  name: z.string(),
  site: z.enum(["elsewhere", "primary", "secondary"]),
  says: z.enum(vantageWords),
  because: z.string(),
});
export type VantageWord = z.output<typeof vantageWord>;
