/** Explore: what the model expects, tracked tokens, and the logit lens, by pointer and keyboard and against the console's numbers. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const PROMPT = "When Mary and John went to the store, John gave a drink to";
const open = async (page: Page, view: string, more = "") => {
  await page.goto(`./?prompt=${encodeURIComponent(PROMPT)}&view=${view}${more}`);
  await untilModel(page);
};
const untilModel = (page: Page) =>
  page.waitForFunction(() => Boolean(window.lab?.model), null, { timeout: 90_000 });
const inspector = (page: Page) => page.getByRole("complementary", { name: "Inspector" });

test("how far each token was expected: its numbers everywhere, tracked tokens, a temperature", async ({
  page,
}) => {
  await open(page, "prediction");
  const expected = await page.evaluate(async (text) => {
    const { logits, tokens } = await window.lab.model!.runWithCache(text, { names: [] });
    const { ids } = tokens;
    const V = logits.dims.at(-1)!;
    const of = ids.slice(1).map((id, t) => {
      const row = logits.data.subarray(t * V, (t + 1) * V);
      const sum = row.reduce((total, z) => total + Math.exp(z), 0);
      return { loss: Math.log(sum) - row[id]!, rank: 1 + row.filter((z) => z > row[id]!).length };
    });
    const worst = of.reduce((most, { rank }, i) => (rank > of[most]!.rank ? i : most), 0);
    const mean = of.reduce((total, { loss }) => total + loss, 0) / of.length;
    return { ...of[worst]!, at: worst + 1, mean };
  }, PROMPT);
  expect(expected.rank).toBeGreaterThan(10); // what the ten likeliest would not tell
  await expect(page.getByText(/^Mean loss/)).toContainText(expected.mean.toFixed(3));

  const strip = page.getByRole("listbox", { name: /Tokens by surprise/ });
  await strip.getByRole("option").nth(expected.at).click();
  await expect(page.getByText(`(${expected.loss.toFixed(3)} nats)`)).toBeVisible();
  await expect(inspector(page)).toContainText(`rank ${expected.rank}`);
  await page.keyboard.press("ArrowLeft");
  await expect(inspector(page)).toContainText(`${expected.at - 1} of 0 … 14`);
  await page
    .getByRole("row")
    .nth(expected.at + 1)
    .click(); // the heading is a row too
  await expect(inspector(page)).toContainText(`${expected.at} of 0 … 14`);

  // Half the temperature: the same loss, sharper probabilities, and the first stays the first.
  await page
    .getByRole("option", { name: /position 14/ })
    .first()
    .click();
  const first = page.locator(".prediction").first();
  const [token, share] = [
    await first.locator(".prediction-token").textContent(),
    parseFloat((await first.locator(".prediction-share").textContent())!),
  ];
  await page.getByRole("slider", { name: "Temperature τ" }).fill("0.5");
  await expect
    .poll(async () => parseFloat((await first.locator(".prediction-share").textContent())!))
    .toBeGreaterThan(share);
  expect(await first.locator(".prediction-token").textContent()).toBe(token);
  await expect(page.getByText(/^Mean loss/)).toContainText(expected.mean.toFixed(3));
  await page.getByRole("textbox", { name: "How many tokens" }).fill("13");
  await expect(page.locator(".prediction")).toHaveCount(13);

  const field = page.getByRole("textbox", { name: "Track a token" });
  await field.fill("Mary went");
  await field.press("Enter");
  await expect(page.getByText(/"Mary went" is \d tokens \(/)).toBeVisible();
  for (const text of [" Mary", " John"]) {
    await field.fill(text);
    await field.press("Enter");
  }
  await expect(page.getByRole("list", { name: "Tracked tokens" })).toContainText("·Mary·John");
  const matrix = page.getByRole("img", { name: /^probability of the tracked tokens, 2 rows/ });
  await matrix.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("End");
  await expect(matrix).toHaveAccessibleName(/·Mary at ·to: .* %, rank \d+, logit/);
  await page.getByRole("checkbox", { name: "Shade the tokens above, too" }).check();
  await expect(
    page
      .getByRole("listbox", { name: /Tokens of the prompt/ })
      .getByRole("option")
      .nth(expected.at),
  ).toHaveAccessibleName(/surprise \d+\.\d\d bits/);

  // All of it is in the link.
  await expect(page).toHaveURL(/strip\.shade=surprise/);
  await page.reload();
  await untilModel(page);
  await expect(page.getByRole("list", { name: "Tracked tokens" })).toContainText("·Mary·John");
  await expect(page.locator(".prediction")).toHaveCount(13);
});

test("the logit lens: cells by keyboard and pointer, their tokens beside, one token through the layers", async ({
  page,
}) => {
  await open(page, "lens", "&track.tokens=%5B%22%20Mary%22%5D");
  const console_ = await page.evaluate(async (text) => {
    const lens = await window.lab.model!.figure("lens", text, { track: [" Mary"] });
    const T = lens.tokens.ids.length;
    const cell = 6 * T + (T - 1); // 3_pre after the last token
    return {
      states: lens.states,
      top: lens.strings[lens.topIds[cell * 10]!]!.replace(" ", "·"),
      share: (lens.topProbabilities[cell * 10]! * 100).toFixed(2),
      rank: lens.tracked[0]!.rank[cell]!,
    };
  }, PROMPT);
  expect(console_.states).toHaveLength(9);
  const matrix = page.getByRole("img", { name: /^Logit lens, likeliest token, 9 rows by 15/ });
  await matrix.focus();
  for (const key of ["ArrowUp", "ArrowUp", "End"]) await page.keyboard.press(key);
  await expect(matrix).toHaveAccessibleName(
    new RegExp(`3_pre at ·to: ${console_.top} ${console_.share} %, entropy`),
  );
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Lens at 3_pre" })).toBeVisible();
  await expect(page.locator(".prediction").first()).toContainText(console_.top);
  await expect(page.locator(".prediction").first()).toContainText(`${console_.share} %`);

  await page.getByRole("combobox", { name: "Show" }).selectOption("rank");
  await page.getByRole("combobox", { name: "of" }).selectOption(" Mary");
  const ranks = page.getByRole("img", { name: /^Logit lens, rank/ });
  await ranks.focus();
  await page.keyboard.press("End");
  await expect(ranks).toHaveAccessibleName(
    new RegExp(`3_pre at ·to: .* %, rank ${console_.rank}, `),
  );
  await page.getByRole("checkbox", { name: "After attention" }).uncheck();
  await expect(page.getByRole("img", { name: /^Logit lens, rank, 5 rows by 15/ })).toBeVisible();

  const canvas = page.locator(".matrix canvas");
  const box = (await canvas.boundingBox())!;
  await canvas.click({ position: { x: (2.5 / 15) * box.width, y: (0.5 / 5) * box.height } });
  await expect(page.getByRole("heading", { name: "Lens at 0_pre" })).toBeVisible();
  await expect(inspector(page)).toContainText("2 of 0 … 14");
});

test("two prompts: both sides and their difference, in both views", async ({ page }) => {
  const other = PROMPT.replace("John gave", "Mary gave");
  await open(page, "prediction", `&other=${encodeURIComponent(other)}`);
  await expect(page.getByRole("listbox", { name: /Tokens by surprise/ })).toHaveCount(2);
  await expect(page.getByText(/^Mean loss/)).toHaveCount(2);
  await expect(page.getByRole("img", { name: /^Difference of surprise/ })).toBeVisible();
  await expect(
    page.getByRole("table", { name: /Next token: prompt A and prompt B/ }),
  ).toBeVisible();
  await page.getByRole("tab", { name: "Logit lens" }).click();
  const difference = page.getByRole("img", { name: /^Logit lens, likeliest token, difference/ });
  await difference.focus();
  await page.keyboard.press("End");
  await expect(difference).toHaveAccessibleName(/prompt A .* prompt B .* difference [+−]/);
});
