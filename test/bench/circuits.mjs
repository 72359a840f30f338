/** The Circuits lab: from the button of a heatmap to its first cells on the screen, with the embedded model and the lab's own task. */
import { open } from "./browser.mjs";
import { row } from "./table.mjs";

const patching = (unit, options = "") => `circuits.part=patching&circuits.unit=${unit}${options}`;

/** What is drawn, the link to it, whose option the direction is, and the button that begins it. */
const HEATMAPS = [
  ["heads", patching("z"), "circuits", /^Patch all /],
  ["heads by position", patching("z", "&circuits.by=place"), "circuits", /^Patch all /],
  ["patterns", patching("pattern"), "circuits", /^Patch all /],
  ["residual stream by position", patching("resid_pre"), "circuits", /^Patch all /],
  ["MLPs by position", patching("mlp_out"), "circuits", /^Patch all /],
  ["neurons of a layer", patching("neuron"), "circuits", /^Patch all /],
  ["preview of heads", patching("z"), "circuits", /^Preview$/],
  ["preview of neurons", patching("neuron"), "circuits", /^Preview$/],
  ["paths into the logits", "circuits.part=paths", "paths", /^Patch .* paths$/],
  ["paths by position", "circuits.part=paths&paths.by=place", "paths", /^Patch .* paths$/],
];

/** Runs in the page: milliseconds from the click to the frame after some cell has a colour of its own. */
const firstCells = (button) =>
  new Promise((resolve) => {
    const figure = button.closest(".figure");
    const hasCells = (canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const pixels = new Uint32Array(data.buffer);
      return pixels.some((pixel) => pixel !== pixels[0]);
    };
    const look = () => {
      const drawn = [...figure.querySelectorAll(".matrix canvas")].some(hasCells);
      if (drawn) requestAnimationFrame(() => resolve(performance.now() - start));
      else requestAnimationFrame(look);
    };
    const start = performance.now();
    button.click();
    look();
  });

export async function measureFirstCells({ browser, url }) {
  const rows = [];
  for (const [what, link, options, name] of HEATMAPS) {
    const page = await open(browser);
    const times = [];
    for (const direction of ["denoise", "noise"]) {
      await page.goto(`${url}?lab=circuits&${link}&${options}.direction=${direction}`);
      const button = page.getByRole("button", { name });
      await button.waitFor({ timeout: 60_000 });
      await page.waitForTimeout(500);
      times.push(await button.evaluate(firstCells));
    }
    await page.context().close();
    rows.push(
      row(`Circuits: ${what} → first cells drawn`, Math.max(...times), "ms", {
        limit: 1000,
        note: "from the button to the frame after; the slower of denoising and noising",
      }),
    );
  }
  return rows;
}
