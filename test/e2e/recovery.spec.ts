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

test("what was chosen stays, and a text that is being written is finished, each token told once", async ({
  page,
}) => {
  await page.goto("./?lab=steer");
  await page.waitForFunction(() => Boolean(window.lab?.model));
  await expect(page).toHaveURL(/sae=/);
  const before = new URL(page.url()).searchParams.get("sae");
  await page.evaluate(() => {
    const ids: number[] = [];
    const options = {
      maxNewTokens: 60,
      temperature: 0,
      onToken: ({ id }: { id: number }) => ids.push(id),
    };
    const text = window.lab.model!.generate("Once upon a time", options);
    Object.assign(window, { told: { ids, text } });
  });
  const told = () => page.evaluate(() => (window as unknown as Told).told.ids.length);
  await expect(async () => expect(await told()).toBeGreaterThan(2)).toPass({ intervals: [20] });
  await kill(page);
  const seen = await page.evaluate(async () => {
    const { ids, text } = (window as unknown as Told).told;
    const { tokens } = await text;
    return { ids, tokens };
  });
  expect(seen.ids).toEqual(seen.tokens);
  await expect(notice(page)).toContainText("runs again");
  expect(new URL(page.url()).searchParams.get("sae")).toBe(before);
});

test("memory that is used up: the call fails in words, and the model stays usable", async ({
  page,
  expected,
}) => {
  expected(/bad_alloc|memory|Aborted|onnxruntime/i);
  await page.goto("./");
  await untilReady(page);
  await lab(page).evaluate(() => {
    WebAssembly.Memory.prototype.grow = () => {
      throw new RangeError("out of memory");
    };
  });
  const seen = await page.evaluate(async () => {
    // No two alike: equal rows would be computed once.
    const prompts = Array.from({ length: 24 }, (_, row) =>
      Array.from({ length: 250 }, (_, i) => row + i),
    );
    const model = window.lab.model!;
    const code = await model.runWithCache(prompts, { names: [] }).then(
      () => "none",
      (e: unknown) => (e as { code: string }).code,
    );
    const { logits } = await model.runWithCache("a few words", { names: [] });
    return { code, dims: logits.dims };
  });
  expect(seen).toEqual({ code: "out-of-memory", dims: [1, 4, 8192] });
});

interface Told {
  told: { ids: number[]; text: Promise<{ tokens: number[] }> };
}
