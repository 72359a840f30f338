/** Probes, edits of the model and the feature circuit as a user walks them, at their smallest; nothing serious for axe. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";

test("a probe's direction as an edit, a head ablated for good and back, and a circuit that a reload keeps", async ({
  page,
}) => {
  const axe = async () => {
    const { violations } = await new AxeBuilder({ page }).include(".circuits").analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([]);
  };
  await page.goto(
    "./?lab=circuits&circuits.part=probes&circuits.count=2&probes.texts=6&probes.shuffles=1&edit.contexts=1",
  );
  await page.getByRole("button", { name: "Fit 4 probes" }).click({ timeout: 90_000 });
  await expect(page.getByText(/^4 places in/)).toBeVisible();
  await expect(page.getByText(/selectivity [+−]\d+\.\d points/)).toBeVisible();
  await page.getByRole("button", { name: "Project out" }).click();
  await expect(page.getByText("It is projected out by an edit")).toBeVisible();
  await axe();

  await page.getByRole("tab", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("list", { name: "Edits of the weights" })).toContainText(
    "L0H0 ablated",
  );
  await page.getByRole("button", { name: "Compare with the base" }).click();
  await expect(page.getByRole("region", { name: /Drift/ }).getByRole("row")).toHaveCount(3);
  await axe();
  await page.getByRole("button", { name: "Put it on the bench" }).click();
  const back = page.getByRole("button", { name: "1 edit: to the base" });
  await back.click();
  await expect(back).toBeHidden();

  await page.getByRole("tab", { name: "Feature circuit" }).click();
  await page.getByRole("button", { name: "Make the circuit" }).click();
  const graph = page.getByRole("img", { name: /^Feature circuit: \d+ nodes/ });
  await graph.press("ArrowUp");
  await graph.press("Enter");
  const card = page.getByRole("region", { name: "Selected node" });
  await card.getByRole("button", { name: "Pin" }).click();
  await axe();
  const title = await card.getByRole("heading").first().textContent();
  await page.reload();
  await expect(card.getByRole("heading").first()).toHaveText(title!);
  await expect(page.getByText("1 pinned")).toBeVisible();
});
