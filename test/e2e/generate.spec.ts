/** Generate: texts with branches, on both sides of a comparison; and the gallery that leads to what can be seen. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const STORY = "Once upon a time there was";
const text = (page: Page, name = "text") =>
  page.getByRole("group", { name: `${name}, by step`, exact: true });
const steps = (page: Page, name?: string) => text(page, name).locator("[data-step]");
const words = async (page: Page, name?: string) =>
  (await steps(page, name).allTextContents()).join("");
const field = (page: Page, label: string) =>
  page.getByRole("textbox", { name: new RegExp(`^${label}:`) });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

const open = async (page: Page, query: string) => {
  await page.goto(`./?view=generate&prompt=${encodeURIComponent(STORY)}${query}`);
  await page.waitForFunction(() => Boolean(window.lab?.model), null, { timeout: 90_000 });
};

test("a text is written step by step and at once, the same from the same seed, and branches", async ({
  page,
}) => {
  await open(page, "&sampling.maxNewTokens=6&sampling.seed=5");
  await button(page, "Step").click();
  await expect(steps(page)).toHaveCount(1);
  await page.keyboard.press("n");
  await expect(steps(page)).toHaveCount(2);
  await button(page, "Go on").click();
  await expect(steps(page)).toHaveCount(8);
  const whole = await words(page);
  const expected = await page.evaluate(async (prompt) => {
    const told: { string: string; rank: number; likeliest: string[] }[] = [];
    await window.lab.model!.generate(prompt, {
      ...{ maxNewTokens: 8, temperature: 0.8, topP: 0.95, seed: 5, alternatives: 10 },
      onToken: ({ string, rank, alternatives }) =>
        told.push({ string, rank, likeliest: alternatives!.strings }),
    });
    return told;
  }, STORY);
  expect(whole).toBe(expected.map(({ string }) => string).join(""));

  // By keyboard: the third step is looked at, held, and another of its tokens chosen.
  await text(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".written-line")).toContainText(`rank ${expected[2]!.rank}`);
  await page.keyboard.press("Enter");
  const rows = page.locator(".written-step .prediction");
  await expect(rows).toHaveCount(expected[2]!.rank > 10 ? 11 : 10);
  const other = expected[2]!.rank === 1 ? 1 : 0;
  const chosen = expected[2]!.likeliest[other]!;
  await rows.nth(other).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".branch")).toHaveCount(2);
  await expect(button(page, "Go on")).toBeVisible(); // it has been written
  const first = expected.slice(0, 2).map(({ string }) => string);
  expect((await words(page)).startsWith([...first, chosen].join(""))).toBe(true);

  // It stays while something else is shown; back to the first text, and the branch deleted.
  await page.getByRole("tab", { name: "Attention" }).click();
  await page.getByRole("tab", { name: "Generate" }).click();
  await expect(page.locator(".branch")).toHaveCount(2);
  await page.getByRole("button", { name: /^1 the first text/ }).click();
  expect(await words(page)).toBe(whole);
  await button(page, "Delete branch 1.1").click();
  await expect(page.locator(".branch")).toHaveCount(1);
  await button(page, "Use text 1 as the prompt").click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue(STORY + whole);
  await expect(page.getByText(/changed since these were written/)).toBeVisible();
  await button(page, "Back to their prompt").click();
  await expect(page.getByText(/changed since these were written/)).toBeHidden();
});

test("settings are in the link; what is none is not taken; a prompt too long is refused", async ({
  page,
}) => {
  await open(page, "&sampling.temperature=0");
  await expect(page.getByRole("checkbox", { name: "Greedy" })).toBeChecked();
  await field(page, "Tokens").fill("0");
  await expect(button(page, "Generate")).toBeDisabled();
  await field(page, "Tokens").fill("3");
  await expect(button(page, "Generate")).toBeEnabled();
  await expect(page).toHaveURL(/sampling\.maxNewTokens=3/);
  await page.getByRole("textbox", { name: "Prompt" }).fill("word ".repeat(300));
  await button(page, "Generate").click();
  await expect(page.getByRole("alert")).toContainText(/this model reads 256; make it shorter/);
});

test("with edits both sides are written, each by its own run; nothing serious for axe", async ({
  page,
}) => {
  await open(page, "&sampling.maxNewTokens=5&sampling.temperature=0&edits=m1z_h3.4z");
  await button(page, "Generate").click();
  await expect(button(page, "Go on")).toBeVisible({ timeout: 60_000 });
  const expected = await page.evaluate(async (prompt) => {
    const options = { maxNewTokens: 5, temperature: 0 };
    const edits = [
      { hook: "blocks.1.hook_mlp_out", op: "zero" },
      { hook: "blocks.3.attn.hook_z", op: "zero", head: 4 },
    ] as const;
    const model = window.lab.model!;
    return [
      (await model.generate(prompt, options)).text,
      (await model.generate(prompt, { ...options, edits })).text,
    ];
  }, STORY);
  const plain = (shown: string) => shown.replace(" end of text", "");
  expect([await words(page, "unedited"), await words(page, "edited")].map(plain)).toEqual(expected);
  const { violations } = await new AxeBuilder({ page }).include(".written").analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual(
    [],
  );
});

test("the gallery opens a prompt with its head, says what is there, and is taken back", async ({
  page,
}) => {
  await page.goto("./?prompt=Hello");
  await untilReady(page);
  await button(page, "Gallery").click();
  const dialog = page.getByRole("dialog", { name: "Gallery" });
  await expect(dialog.getByRole("button", { name: /arXiv|20\d\d/ })).toHaveCount(16);
  const { violations } = await new AxeBuilder({ page }).include("dialog").analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual(
    [],
  );
  await dialog.getByRole("button", { name: /^A list of words, repeated/ }).press("Enter");
  await expect(dialog).toBeHidden();
  const note = page.getByRole("region", { name: "From the gallery" });
  await expect(note.getByText("It is there.")).toHaveCount(2);
  const head = /head=(\d+)\.(\d+)/.exec(page.url())!;
  await expect(note).toContainText(`L${head[1]}H${head[2]}, the head with the greatest induction`);
  await expect(
    page.getByRole("heading", { name: `Head L${head[1]}H${head[2]}` }).first(),
  ).toBeVisible();
  await page.reload(); // the link tells it too
  await expect(note.getByText("It is there.")).toHaveCount(2, { timeout: 90_000 });
  await expect(note.getByRole("button", { name: "Undo" })).toHaveCount(0);

  await button(page, "Gallery").click();
  await dialog.getByRole("button", { name: /^An open quote/ }).click();
  await expect(page.getByRole("textbox", { name: "Prompt B" })).toHaveValue(
    "She laughed. I am going home",
  );
  await expect(note.getByText("It is there.")).toHaveCount(2); // one claim for each prompt
  await note.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("textbox", { name: "Prompt B" })).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: "Prompt", exact: true })).toHaveValue(
    /^ house green/,
  );

  await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("");
  await button(page, "take a prompt from the gallery").click();
  await expect(dialog).toBeVisible();
});
