/** Edits from the inspector and a second prompt: every view compares, undo and the link bring all of it back. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const bar = (page: Page) => page.getByRole("region", { name: "Edits" });
const side = (page: Page, name: string) => page.getByRole("group", { name, exact: true });
/** Length of the final residual stream at the last token, without and with a head ablated. */
const lengths = (page: Page) =>
  page.evaluate(async () => {
    const model = window.lab.model!;
    const text = document.querySelector<HTMLTextAreaElement>("#prompt")!.value;
    const of = async (edits: { hook: string; head: number; op: "zero" }[]) => {
      const { tokens, states, stateNorms } = await model.figure("residual", text, { edits });
      return stateNorms.data[states.length * tokens.ids.length - 1]!;
    };
    const edit = { hook: "blocks.1.attn.hook_z", head: 3, op: "zero" } as const;
    return { plain: await of([]), edited: await of([edit]) };
  });

test("a head ablated from the inspector is compared, switched off, undone, and in the link", async ({
  page,
}) => {
  await page.goto("./?view=residual&head=1.3");
  await expect(page.getByRole("heading", { name: "Length of the residual stream" })).toBeVisible();
  await expect(bar(page)).toBeHidden();
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await inspector
    .getByRole("group", { name: "Edit" })
    .first()
    .getByRole("button", { name: "Ablate" })
    .click();
  await expect(bar(page)).toContainText("L1H3 → 0");
  await expect(side(page, "edited").first()).toBeVisible();
  await expect(side(page, "edited − unedited").first()).toBeVisible();
  const { plain, edited } = await lengths(page);
  expect(Math.abs(plain - edited)).toBeGreaterThan(1e-3);

  // What the figure says of its last cell is what the console computes.
  const matrix = side(page, "edited").first().getByRole("img");
  await matrix.focus();
  for (const key of ["End", ...Array<string>(12).fill("ArrowDown")]) await page.keyboard.press(key);
  await expect(matrix).toHaveAttribute(
    "aria-label",
    new RegExp(
      `final_post at .*: unedited ${plain.toFixed(2)}, edited ${edited.toFixed(2)}, difference .`,
    ),
  );

  await page.keyboard.press("Control+z");
  await expect(side(page, "edited")).toHaveCount(0);
  await expect(bar(page)).toContainText("none");
  await page.keyboard.press("Control+Shift+z");
  await expect(side(page, "edited").first()).toBeVisible();

  await expect(page).toHaveURL(/edits=h1\.3z/);
  await page.reload();
  await expect(side(page, "edited").first()).toBeVisible();
  await bar(page).getByRole("checkbox").uncheck();
  await expect(side(page, "edited")).toHaveCount(0);
  await expect(page).toHaveURL(/edits=~h1\.3z|edits=%7Eh1\.3z/);
  await bar(page).getByRole("button", { name: "Remove the edit of L1H3" }).click();
  await expect(page).not.toHaveURL(/edits=/);
});

test("a second prompt is aligned token by token; what is wrong with it hides nothing", async ({
  page,
}) => {
  await page.goto("./?view=residual&prompt=The%20old%20man%20sat&bos=0");
  await page.getByRole("button", { name: "Compare with a second prompt" }).click();
  const second = page.getByRole("textbox", { name: "Prompt B" });
  await expect(second).toHaveValue("The old man sat");
  await second.fill("The young man sat");
  const difference = side(page, "prompt B − prompt A").first();
  await expect(difference.locator("text", { hasText: "·old → ·young" })).toBeVisible();
  await expect(page.locator(".other-tokens .changed")).toHaveText("·young");

  await second.fill("");
  await expect(page.getByRole("alert").first()).toContainText("empty");
  await expect(side(page, "prompt A").first()).toBeVisible();
  await second.fill("The young woman sat");
  await page.getByRole("button", { name: "Swap the two prompts" }).click();
  await expect(second).toHaveValue("The old man sat");
  await expect(page).toHaveURL(/other=The\+old\+man\+sat/);
  await page.getByRole("button", { name: "End the comparison" }).click();
  await expect(second).toBeHidden();
});
