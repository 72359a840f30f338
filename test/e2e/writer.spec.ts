/** A text-generation model of the Hub, run in this tab by transformers.js, writes the label of a feature. */
import { chainWriter } from "../fixtures/chain-writer.ts";
import { expect } from "./fixtures.ts";
import { test } from "./hub.ts";

test("a model in this tab is fetched, asked, and its answer is the feature's label", async ({
  page,
  hub,
  expected,
}) => {
  expected(/Failed to load resource/);
  hub.add("someone/chain", chainWriter(":", "plums"));
  await page.goto("./?lab=features&feature=17");
  const label = page.getByRole("region", { name: "What is said of feature 17" });
  await label.getByRole("button", { name: "Ask a language model" }).click({ timeout: 90_000 });
  const dialog = page.getByRole("dialog", { name: "Ask a language model about feature 17" });
  await dialog.getByRole("radio", { name: "A model in this tab" }).click();
  await dialog.getByLabel("Precision").selectOption("fp32");
  await dialog.getByRole("checkbox", { name: "Detection score" }).uncheck();
  await dialog.getByRole("textbox", { name: "Model id" }).fill("someone/nobody");
  await dialog.getByRole("button", { name: "Show what would be sent" }).click();
  await expect(dialog.getByText(/^1 question, about/)).toBeVisible();
  const run = dialog.getByRole("button", { name: "Run 1 question in this tab" });
  await run.click();
  await expect(dialog.getByRole("alert")).toContainText(
    /huggingface\.co has no .*“someone\/nobody”/,
  );

  await dialog.getByRole("textbox", { name: "Model id" }).fill("someone/chain");
  await run.click();
  await expect(dialog.getByText("someone/chain answered 1 question.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(label).toContainText("plums");
  await expect(label).toContainText("someone/chain");
  await expect(label.getByText("unverified")).toBeVisible();
});
