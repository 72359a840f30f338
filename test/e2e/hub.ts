/** Browser tests with a stand-in for the Hugging Face Hub, which the browser reaches under the Hub's own names. */
import type { Locator, Page } from "@playwright/test";
import { type Hub, hubFlags, startHub } from "../fixtures/hub-server.mjs";
import { test as base } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

interface WorkerFixtures {
  hub: Hub;
}

export const test = base.extend<object, WorkerFixtures>({
  hub: [
    async ({}, use) => {
      const hub = await startHub();
      await use(hub);
      await hub.close();
    },
    { scope: "worker" },
  ],
  launchOptions: [
    async ({ launchOptions, hub }, use) => {
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...hubFlags(hub)] });
    },
    { scope: "worker" },
  ],
});

export const EMBEDDED = "tinylab-gpt2-4l";

/** Opens the app, then the dialog in which models are chosen. */
export async function openModels(page: Page): Promise<Locator> {
  await page.goto("./");
  await untilReady(page);
  await page.getByRole("button", { name: EMBEDDED }).first().click();
  return page.getByRole("dialog", { name: "Model" });
}

/** Types an id into the dialog and presses Load. */
export async function askFor(dialog: Locator, id: string): Promise<void> {
  await dialog.getByRole("textbox", { name: "Model id" }).fill(id);
  await dialog.getByRole("button", { name: "Load", exact: true }).click();
}

/** The model on the bench, after it has computed something. */
export const benchModel = (page: Page): Promise<{ id: string; dims: number[] }> =>
  page.evaluate(async () => {
    const model = window.lab.model!;
    const { logits } = await model.runWithCache([1, 2, 3], { names: [] });
    return { id: model.info.id, dims: logits.dims };
  });
