/** The bench around the labs: the prompt in all its shapes, the address, the model, its failures. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const prompt = (page: Page) => page.getByRole("textbox", { name: "Prompt" });
const tokens = (page: Page) => page.getByRole("listbox", { name: /Tokens of the prompt/ });
const note = (page: Page) => page.locator("#prompt-note");

/** Puts a text into the prompt in one go, as a paste does; also one that no keyboard can type. */
const paste = (page: Page, text: string) =>
  prompt(page).evaluate((area, value) => {
    // React notices only a change that goes past its own setter.
    Reflect.set(HTMLTextAreaElement.prototype, "value", value, area);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }, text);

test("opens on the embedded model, says where it runs, and follows typing", async ({ page }) => {
  await page.goto("./");
  const { id, threads } = await untilReady(page);
  expect(id).toBe("tinylab-gpt2-4l");
  const chip = page.getByRole("button", { name: /tinylab-gpt2-4l/ }).first();
  await expect(chip).toContainText("3.4M");
  await expect(chip).toContainText(threads > 1 ? `WASM, ${threads} threads` : "WASM, 1 thread");
  await expect(chip).toContainText("MB");
  await expect(page.getByRole("heading", { name: "Next token" })).toBeVisible();

  // Typing is shown as it goes, and ends on the last text.
  await prompt(page).fill("The capital of");
  await prompt(page).pressSequentially(" France is", { delay: 15 });
  await expect(tokens(page).getByRole("option").last()).toHaveText("·is");
  const strings = await page.evaluate(() =>
    window.lab.model!.toStrTokens("The capital of France is"),
  );
  await expect(tokens(page).getByRole("option")).toHaveCount(strings.length);
  await prompt(page).press("Control+z");
  await expect(prompt(page)).not.toHaveValue("The capital of France is");
});

test("text that is hard to read", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);

  await test.step("nothing at all", async () => {
    await prompt(page).fill("");
    await expect(tokens(page).getByRole("option")).toHaveText(["BOS"]);
    await page.getByRole("checkbox", { name: "BOS" }).uncheck();
    await expect(note(page)).toContainText(/empty|token/i);
    await expect(tokens(page).getByRole("option")).toHaveText(["BOS"]); // the last that ran stays
    await prompt(page).fill("The cat");
    await expect(note(page)).toBeEmpty();
    await expect(tokens(page).getByRole("option").first()).toHaveText("The");
    await page.getByRole("checkbox", { name: "BOS" }).check();
  });

  await test.step("blanks and line breaks are shown for what they are", async () => {
    await prompt(page).fill("  \n\t ");
    await expect(tokens(page)).toHaveText(/^BOS[·↵⇥]+$/);
  });

  await test.step("too many tokens: says how many were kept", async () => {
    await paste(page, "word ".repeat(400));
    await expect(note(page)).toContainText(/first 256 of \d{3,4} tokens/);
    await expect(tokens(page).getByRole("option")).toHaveCount(256);
    await expect(page.locator(".thumbnail canvas").first()).toHaveAttribute("width", "86");
  });

  await test.step("a 100 kB paste", async () => {
    const text = "The quick brown fox jumps over the lazy dog. ".repeat(2300);
    await paste(page, text);
    await expect(note(page)).toContainText(/first 256 of 2[\d,]{4,}/);
    const bar = await page.getByRole("banner").evaluate((element) => element.clientHeight);
    expect(bar).toBeLessThan(220); // prompt and tokens scroll inside
    await page.reload();
    await untilReady(page);
    await expect(prompt(page)).toHaveValue(text); // too long for the address, kept all the same
  });

  await test.step("half a surrogate pair", async () => {
    await paste(page, "half \ud83d a pair");
    await expect(note(page)).toContainText("surrogate");
    await expect(tokens(page)).toContainText("pair");
  });

  await test.step("emoji and right-to-left text", async () => {
    await prompt(page).fill("👩‍👩‍👧 שלום עולם");
    await expect(note(page)).toBeEmpty();
    const count = await page.evaluate(() => window.lab.model!.toTokens("👩‍👩‍👧 שלום עולם").length);
    await expect(tokens(page).getByRole("option")).toHaveCount(count);
    const names = await tokens(page)
      .getByRole("option")
      .evaluateAll((options) => options.map((option) => option.getAttribute("aria-label")));
    expect(names.some((name) => /part 1 of \d of 👩, bytes? F0/.test(name!))).toBe(true);
    await expect(tokens(page)).not.toContainText("\ufffd");
    await page.getByRole("button", { name: "Head L1H1" }).click();
    await expect(page.getByRole("heading", { name: "Head L1H1" }).first()).toBeVisible();
  });
});

test("a reload and a link bring everything back; Back and Forward walk", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  await prompt(page).fill("The cat sat on the mat");
  await page.getByRole("button", { name: "Head L2H5" }).click();
  await tokens(page).getByRole("option").nth(2).click();
  await page.getByRole("button", { name: /^Theme: system/ }).click();
  await page.getByRole("button", { name: /^Theme: light/ }).click();
  await expect(page).toHaveURL(/head=2\.5.*pos=2.*prompt=The\+cat/);
  await page.reload();
  await untilReady(page);
  await expect(prompt(page)).toHaveValue("The cat sat on the mat");
  await expect(page.getByRole("heading", { name: "Head L2H5" }).first()).toBeVisible();
  await expect(tokens(page).getByRole("option", { selected: true })).toHaveText("·cat");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Attention, every head" })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { name: "Head L2H5" }).first()).toBeVisible();
});

test("nonsense in the address is ignored", async ({ page }) => {
  await page.goto("./?lab=kitchen&head=99.99&pos=-4&feature=x&device=abacus&model=../x&bos=maybe");
  await untilReady(page);
  await expect(page.getByRole("heading", { name: "Attention, every head" })).toBeVisible();
});

test("a model that cannot be had is a card; the bench keeps its own", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  const drop = (name: string, text: string) =>
    page.evaluate(
      ([file, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content!], file!));
        window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
      },
      [name, text],
    );
  await drop("config.json", '{"model_type": "llama"}');
  const card = page.getByRole("alert").filter({ hasText: "could not be loaded" });
  await expect(card).toContainText("tinylab-gpt2-4l stays on the bench");
  await prompt(page).fill("Still here");
  await expect(tokens(page).getByRole("option").last()).toHaveText("·here");
  await card.getByRole("button", { name: "Dismiss this message" }).click();
  await expect(card).toBeHidden();

  await page
    .getByRole("button", { name: /tinylab-gpt2-4l/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: "Model" });
  await dialog.getByRole("textbox", { name: "Model id" }).fill("no spaces allowed");
  await dialog.getByRole("textbox", { name: "Model id" }).press("Enter");
  await expect(dialog.getByRole("alert")).toContainText("is no model id");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("the model is loaded again on the device that is asked for", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  await page
    .getByRole("button", { name: /tinylab-gpt2-4l/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: "Model" });
  await dialog.getByRole("radio", { name: "WASM" }).click();
  await dialog.getByRole("button", { name: "Reload tinylab-gpt2-4l" }).click();
  await expect(dialog.getByRole("button", { name: "Reload tinylab-gpt2-4l" })).toBeEnabled();
  await expect(page).toHaveURL(/device=wasm/);
  await expect(dialog).toContainText("WASM");
});

test("a worker that threw is replaced, and nothing typed is lost", async ({ page, expected }) => {
  expected(/TypeError|Cannot read/);
  await page.addInitScript(() => {
    const Real = window.Worker;
    window.Worker = class extends Real {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        addEventListener("break-worker", () => this.postMessage(null), { once: true });
      }
    };
  });
  await page.goto("./");
  await untilReady(page);
  await prompt(page).fill("Precious words");
  await expect(tokens(page).getByRole("option").last()).toHaveText("·words");
  await page.evaluate(() => dispatchEvent(new Event("break-worker")));
  await expect(page.getByRole("status").filter({ hasText: "runs again" })).toBeVisible();
  await prompt(page).fill("Precious words and");
  await expect(tokens(page).getByRole("option").last()).toHaveText("·and");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(prompt(page)).toHaveValue("Precious words and");
});

test("nothing overlaps or sticks out at any size", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  const look = () =>
    page.evaluate(() => {
      const boxes = [...document.querySelectorAll(".figure, .inspector, .rail, .prompt, .bar-top")];
      const rects = boxes.map((box) => ({ name: box.className, r: box.getBoundingClientRect() }));
      const overlaps = rects.flatMap((a, i) =>
        rects.slice(i + 1).flatMap((b) => {
          const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
          const y = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
          return x > 1 && y > 1 ? [`${a.name} over ${b.name}`] : [];
        }),
      );
      const wide = document.documentElement.scrollWidth > innerWidth;
      return { wide, overlaps };
    });
  for (const view of ["grid", "head"]) {
    if (view === "head") await page.getByRole("button", { name: "Head L2H5" }).click();
    for (const [width, height] of [
      [1280, 720],
      [1920, 1080],
      [3440, 1440],
      [640, 360], // 1280 × 720 at 200 %
      [390, 844],
      [320, 640],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect
        .poll(look, { message: `${view} at ${width} × ${height}` })
        .toEqual({ wide: false, overlaps: [] });
    }
  }
});

test.describe("on a phone", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 844, height: 390 } });

  test("a tap reads a cell; the selected token stays in sight when it is turned", async ({
    page,
  }) => {
    await page.goto("./");
    await untilReady(page);
    const selected = tokens(page).getByRole("option", { selected: true });
    await expect(selected).toBeInViewport({ ratio: 1 });
    await page.setViewportSize({ width: 390, height: 844 });
    await expect(selected).toBeInViewport({ ratio: 1 });
    await expect(page.locator(".chip-facts")).toBeInViewport({ ratio: 1 });
    await expect(page.getByText("Tap a square to open its head.")).toBeVisible();
    await page.getByRole("button", { name: "Head L2H5" }).tap();
    const canvas = page.locator(".heatmap canvas");
    await canvas.scrollIntoViewIfNeeded();
    const { width, height } = (await canvas.boundingBox())!;
    await canvas.tap({ position: { x: 0.1 * width, y: 0.9 * height } });
    await expect(page.locator(".readout-line .readout")).toHaveText(/→.* 0\.\d{3}$/);
  });
});

test("help, theme and presenter size", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  await page.getByRole("button", { name: "Help and shortcuts" }).click();
  await expect(page.getByRole("dialog", { name: "Help" })).toContainText("select the token before");
  await page.keyboard.press("Escape");
  const size = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
  const before = parseFloat(await size());
  await page.getByRole("button", { name: "Presenter size" }).click();
  expect(parseFloat(await size())).toBeCloseTo(before * 1.4, 1);
  await page.keyboard.press("/");
  await expect(prompt(page)).toBeFocused();
});
