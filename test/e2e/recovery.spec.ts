/** The worker dies, the GPU is lost, memory is used up: the lab says so, starts again, and what was interrupted is run. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const prompt = (page: Page) => page.getByRole("textbox", { name: "Prompt" });
const tokens = (page: Page) => page.getByRole("listbox", { name: "Tokens of the prompt" });
const notice = (page: Page) => page.getByRole("status").filter({ hasText: "The lab’s worker" });

/** The lab's own worker; the runtime starts more of them, for its threads. */
const lab = (page: Page) =>
  page.workers().findLast((worker) => worker.url().includes("assets/worker-"))!;

/** Ends the worker as the browser does when it runs out of memory: without a word. */
const kill = (page: Page) =>
  lab(page).evaluate(() => {
    setTimeout(() => close());
  });

test("a worker that is killed is started again, the call it was at is run, and nothing typed is lost", async ({
  page,
}) => {
  await page.goto("./");
  await untilReady(page);
  await prompt(page).fill("Precious words");
  await expect(tokens(page).getByRole("option").last()).toHaveText("·words");
  const running = page.evaluate(async () => {
    const { tokens, logits } = await window.lab.model!.runWithCache("one two three", { names: [] });
    return [tokens.ids.length, logits.dims[1]];
  });
  await kill(page);
  expect(await running).toEqual([4, 4]);
  await expect(notice(page)).toContainText("runs again");
  await expect(prompt(page)).toHaveValue("Precious words");
  await prompt(page).fill("Precious words and");
  await expect(tokens(page).getByRole("option").last()).toHaveText("·and");
  await notice(page).getByRole("button", { name: "Dismiss this message" }).click();
  await expect(notice(page)).toBeHidden();
});
