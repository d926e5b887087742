import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Story } from "./story.js";

const words = z.record(z.string(), z.string());

const storyInFile = z.strictObject({
  name: z.string(),
  /** Told once for each of these words, which stand as `{word}` in its sentences. */
  each: z.array(words).default([{}]),
  /** And for each of these with each of those. */
  "and each": z.array(words).default([{}]),
  given: z.array(z.string()).default([]),
  when: z.array(z.string()),
  then: z.array(z.string()),
});

/** All named scenarios of a folder of YAML files, in the order of the files. Throws where a file has another form. */
export function readStories(folder: string): readonly Story[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yml"))
    .sort()
    .flatMap((name) => {
      const told = z.array(storyInFile).safeParse(parse(readFileSync(join(folder, name), "utf8")));
      if (!told.success) throw new Error(`${name}: ${z.prettifyError(told.error)}`);
      return told.data.flatMap(tellEach);
    });
}

function tellEach({ name, each, "and each": andEach, ...lists }: z.output<typeof storyInFile>): Story[] {
  return each.flatMap((some) =>
    andEach.map((more) => {
      const put = (text: string): string =>
        text.replace(/\{([a-z]+)\}/g, (whole, word: string) => ({ ...some, ...more })[word] ?? whole);
      return {
        name: put(name),
        given: lists.given.map(put),
        when: lists.when.map(put),
        then: lists.then.map(put),
      };
    }),
  );
}
