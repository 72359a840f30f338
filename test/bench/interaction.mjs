/** From a key or a slider to what it changes on the screen, as the page's own clock sees it. */
import { median, row } from "./table.mjs";

/** Sixteen tokens with the one before the text. */
const PROMPT = "When Mary and John went to the store, John gave a drink to Mary";

/**
 * Runs in the page before its scripts: notes when a canvas was last painted, and when a node under `selector` last
 * changed. A change is on the screen at the next frame.
 */
export const watchPaint = () => {
  window.bench = { painted: [], changed: [], input: [] };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    requestAnimationFrame((time) => window.bench.painted.push(Math.max(time, performance.now())));
    return put.apply(this, args);
  };
  addEventListener("input", () => window.bench.input.push(performance.now()), true);
  window.watchChanges = (selector) => {
    const target = document.querySelector(selector);
    if (!target) throw new Error(`nothing matches ${selector}`);
    new MutationObserver(() =>
      requestAnimationFrame(() => window.bench.changed.push(performance.now())),
    ).observe(target, { subtree: true, childList: true, characterData: true, attributes: true });
  };
};

/** A prompt of so many tokens, the one before the text with them, as the model on the bench reads it. */
const promptOf = (page, tokens) =>
  page.evaluate((wanted) => {
    let words = 1;
    const text = () => Array(words).fill("word").join(" ");
    while (window.lab.model.toTokens(text()).length < wanted) words++;
    return text();
  }, tokens);

/** From each input event to the last paint (or change) before the next one. */
async function delays(page, kind, act, repeats) {
  const times = [];
  for (let i = -2; i < repeats; i++) {
    await page.evaluate(() => {
      for (const list of Object.values(window.bench)) list.length = 0;
    });
    await act(i);
    await page.waitForFunction((list) => window.bench[list].length > 0, kind, { timeout: 30_000 });
    await page.waitForTimeout(400);
    const time = await page.evaluate((list) => {
      const { input } = window.bench;
      return window.bench[list].at(-1) - input.at(-1);
    }, kind);
    if (i >= 0) times.push(time);
  }
  return times;
}

export async function measureKeystroke(page, { repeats, label = "", limit = 100 }) {
  const box = page.getByRole("textbox", { name: "Prompt" });
  await box.fill(PROMPT);
  await page.waitForTimeout(1500);
  const tokens = await page.evaluate((text) => window.lab.model.toTokens(text).length, PROMPT);
  const keys = ["!", "Backspace"];
  const times = await delays(page, "painted", (i) => box.press(keys[Math.abs(i) % 2]), repeats);
  return [
    row(`${label}keystroke → every pattern redrawn`, median(times), "ms", {
      limit,
      note: `${tokens} tokens; from the input event to the frame after the last canvas is painted`,
    }),
  ];
}

/** The pointer over a head's large pattern. */
export async function measureHover(page, { tokens }) {
  const pattern = page.locator(".heatmap canvas").first();
  const box = page.getByRole("textbox", { name: "Prompt" });
  await box.fill(await promptOf(page, tokens));
  await page.waitForTimeout(2500);
  if (!(await pattern.isVisible())) await page.locator(".thumbnail").first().click();
  await pattern.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await pattern.boundingBox();
  const rate = page.evaluate(
    () =>
      new Promise((resolve) => {
        let start;
        let frames = -1;
        const count = (time) => {
          start ??= time;
          frames++;
          if (time - start < 2000) requestAnimationFrame(count);
          else resolve((1000 * frames) / (time - start));
        };
        requestAnimationFrame(count);
      }),
  );
  for (let i = 0; i < 120; i++) {
    const share = (i + 0.5) / 120;
    await page.mouse.move(x + (share * width) / 2, y + share * height);
    await page.waitForTimeout(8);
  }
  return [
    row(`hover over a head's pattern, ${tokens} tokens`, await rate, "frames/s", {
      limit: 55,
      atLeast: true,
      note: "that the page makes while the pointer crosses the pattern and its read-out follows; the display has 60",
    }),
  ];
}

/** From a setting that concerns every square of the attention grid to all of them redrawn. */
export async function measureGrid(page, { repeats, label = "" }) {
  const box = page.getByRole("textbox", { name: "Prompt" });
  const rows = [];
  for (const size of [64, 256]) {
    await box.fill(await promptOf(page, size));
    await page.waitForTimeout(2500);
    const strip = page.getByRole("listbox", { name: /Tokens of the prompt/ });
    const tokens = await strip.getByRole("option").count();
    const setting = page.getByRole("checkbox", { name: "Leave out first token" });
    const times = [];
    for (let i = 0; i < repeats; i++) {
      await page.evaluate(() => {
        window.bench.painted.length = 0;
        addEventListener("click", () => (window.bench.clicked = performance.now()), {
          ...{ once: true, capture: true },
        });
      });
      await setting.click();
      await page.waitForTimeout(600);
      times.push(await page.evaluate(() => window.bench.painted.at(-1) - window.bench.clicked));
    }
    const squares = await page.locator(".thumbnail").count();
    rows.push(
      row(`${label}setting → ${squares} squares of ${tokens} tokens redrawn`, median(times), "ms", {
        limit: 50,
        note: "from the click to the frame after the last canvas is painted",
      }),
    );
  }
  return rows;
}

export async function measureSlider(page, { repeats }) {
  await page.getByRole("navigation", { name: "Labs" }).getByText("Steer", { exact: true }).click();
  const suggested = page.getByRole("group", { name: "Active on the selected token" });
  await suggested.getByRole("button").first().click();
  const slider = page.getByRole("slider", { name: /^Strength of feature/ }).first();
  await slider.focus();
  await page.locator("main .compare-bars").waitFor();
  await page.evaluate(() => window.watchChanges("main .compare-bars"));
  await page.waitForTimeout(1500);
  const times = await delays(page, "changed", () => slider.press("ArrowRight"), repeats);
  return [
    row("slider → next-token bars redrawn", median(times), "ms", {
      limit: 100,
      note: "from the input event to the frame after the last change of the bars",
    }),
  ];
}
