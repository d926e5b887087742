import { writeFileSync } from "node:fs";
import { chromium, type Page } from "playwright-core";
import { findProgram, neededPrograms } from "../test/run-tests/needed-programs.js";
import { pageCatalogue } from "../shared/core/page-catalogue.js";
import { serverNames } from "../shared/core/server-name.js";
import { until } from "../demo/processes.js";
import { Stage } from "../demo/stage.js";

/** `npm run picture`: the picture in README.md, of a switchover that an operator asks for on the pages of a real pair. */

const pictureFile = "docs/pictures/switchover.png";
const limitMs = 90_000;
const width = 820;

async function main(): Promise<void> {
  const program = neededPrograms.find(({ name }) => name === "chromium");
  const executablePath = program && findProgram(program);
  if (executablePath === undefined) throw new Error("missing program: chromium");
  const stage = await Stage.set(undefined);
  try {
    await startPair(stage);
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      const page = await browser.newPage({ viewport: { width, height: 600 } });
      await switchOver(stage, page);
      const picture = await page.screenshot({ fullPage: true });
      writeFileSync(pictureFile, picture);
      process.stdout.write(`${pictureFile}: ${String(Math.ceil(picture.length / 1024))} KiB\n`);
    } finally {
      await browser.close();
    }
  } finally {
    await stage.end();
  }
}

async function startPair(stage: Stage): Promise<void> {
  await stage.createPair("watch");
  await Promise.all([stage.startNameServer(), stage.installDatabases()]);
  await Promise.all(serverNames.map((server) => stage.startDatabase(server)));
  for (const server of serverNames) stage.startGuard(server);
  await Promise.all(serverNames.map((server) => stage.startActor(server)));
  await stage.createFirstRecord("primary");
  await until("the primary serves", () => stage.isServing("primary"), limitMs);
  const hasWholeCopy = async (): Promise<boolean> => {
    const sync = (await stage.status("secondary"))?.sync ?? [];
    return sync.length > 0 && sync.every(({ isComplete, health }) => isComplete && health === "ok");
  };
  await until("the secondary holds a whole copy", hasWholeCopy, limitMs);
}

/** As an operator does it, with nothing but the browser. */
async function switchOver({ layout, pair }: Stage, page: Page): Promise<void> {
  const { adminHost, adminPort } = layout.servers.primary;
  const { title } = pageCatalogue["switch-to-secondary"];
  page.setDefaultTimeout(limitMs);
  await page.goto(`http://${adminHost}:${String(adminPort)}/ops`);
  await page.getByLabel("Access token").fill(pair.tokens.operator);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: title }).click();
  await page.getByText("Nothing stands in the way.").waitFor();
  await page.getByLabel("Why (it stands in the history)").fill("new memory for the primary");
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: title }).click();
  const isDone = page.getByText("The operation: done").waitFor();
  await isDone.catch(async (error: unknown) => {
    throw new Error(await page.getByRole("main").innerText(), { cause: error });
  });
}

await main();
