/** Parts of the worker on their own: the training step per backend (inside/step.ts) and harvesting (inside/harvest.ts). */
import { launchWithGpu, open } from "./browser.mjs";
import { row } from "./table.mjs";

const VARIANTS = {
  standard: "L1",
  topk: "TopK",
  batchtopk: "BatchTopK",
  jumprelu: "JumpReLU",
  gated: "gated",
  matryoshka: "Matryoshka",
};
/** Milliseconds of the dense standard step, by backend: what the sparse ones are told against. */
const standardStep = {};
const BACKENDS = { wasm: "WASM", webgpu: "software WebGPU" };

export async function measureStep({ browser, url, question }) {
  const page = await open(browser);
  await page.goto(url);
  const { step, products, stepByProducts, autodiff } = await page.evaluate(
    (q) => window.measure("step", q),
    question,
  );
  await page.context().close();
  const { backend, variant, dIn, dSae, batch } = question;
  const name = `${BACKENDS[backend]}: ${VARIANTS[variant]} step`;
  const rows = [
    row(name, step, "ms", { note: `${batch} × ${dIn} → ${dSae}, its report read` }),
    row(`${name} ÷ its matrix products`, stepByProducts, "×", {
      limit: 1.3,
      note: `${products.toFixed(1)} ms for its ${variant === "gated" ? "seven" : "five"} products alone, with the transposes they need`,
    }),
  ];
  if (variant === "standard") standardStep[backend] = step;
  if (["topk", "batchtopk"].includes(variant) && standardStep[backend]) {
    rows.push(
      row(`${name} ÷ the dense L1 step`, step / standardStep[backend], "×", {
        note: `k ${question.k} of ${dSae}; products over the kept features only, where that pays`,
      }),
    );
  }
  if (autodiff !== null) {
    rows.push(
      row(`${name}: naive autodiff ÷ ours`, autodiff / step, "×", {
        note: `${autodiff.toFixed(1)} ms with tf.train.adam().minimize()`,
      }),
    );
  }
  return rows;
}

export async function measureHarvest({ browser, url, question }) {
  const page = await open(browser);
  await page.goto(url);
  const { tokensPerSecond, perHarvest } = await page.evaluate(
    (q) => window.measure("harvest", q),
    question,
  );
  await page.context().close();
  return [
    row("WASM: harvest alone", tokensPerSecond, "tokens/s", {
      note: `${question.hook}, ${perHarvest} activations at a time`,
    }),
  ];
}

/**
 * The engine at a size, with random weights. The goals are those of GPT-2's size: in a model that takes 20 ms, what every run
 * costs beside its arithmetic is a large share.
 */
export async function measureEngine({ browser, url, label, question }) {
  const page = await open(browser);
  await page.goto(url);
  const got = await page.evaluate((q) => window.measure("engine", q), question);
  await page.context().close();
  const { sizes, tokens, rows: B } = question;
  const { n_layer: L, n_head: H, n_embd: D } = sizes;
  const goal = (limit) => (D >= 768 ? limit : null);
  const worst = Math.max(...got.harvestByWhole.map((share, layer) => share - (layer + 1) / L));
  return [
    row(`${label}: forward`, got.forward, "ms", {
      note: `${tokens} tokens, ${L} layers, random weights, inside the worker; session made in ${got.sessionSeconds.toFixed(1)} s`,
    }),
    row(`${label}: edits present ÷ absent`, got.editsByNone, "×", {
      limit: goal(1.15),
      note: `${4 * L} edits of four kinds`,
    }),
    row(`${label}: gradient ÷ forward`, got.gradientByForward, "×", {
      limit: goal(3.5),
      note: "one forward and one backward pass, z of every layer",
    }),
    row(`${label}: sweep ÷ single runs`, got.sweepBySingles, "×", {
      limit: goal(0.5),
      note: `each of ${L * H} heads ablated, ${B} experiments a run`,
    }),
    ...circuitRows(label, got, sizes, tokens),
    row(`${label}: harvest over its share of the layers`, worst, "", {
      limit: goal(0.1),
      note: `residual stream after layer l, by that after the last, less (l + 1) / ${L}: ${got.harvestByWhole.map((share) => share.toFixed(2)).join(", ")}`,
    }),
    row(`${label}: generation`, got.generatedPerSecond, "tokens/s", { note: "with cache" }),
    row(`${label}: WebAssembly memory ÷ weights`, got.heapLoaded, "×", {
      limit: goal(1.6),
      note: `loaded; ${got.heapAfter.toFixed(2)} × after all of these`,
    }),
  ];
}

/** On a GPU where there is one, at GPT-2 small's size; else in software at a small one, and named so. */
export async function measureOnGpu({ url, question }) {
  const { browser, stop } = await launchWithGpu(url);
  try {
    const page = await open(browser);
    await page.goto(url);
    const got = await page.evaluate((q) => window.measure("circuits", q), question);
    const { n_layer: L, n_embd: D } = got.sizes;
    const label = `${got.isSoftware ? "software WebGPU" : "WebGPU"}, ${L} × ${D}`;
    const note = `on ${got.gpu}`;
    return circuitRows(label, got, got.sizes, got.tokens, note);
  } finally {
    await stop();
  }
}

/** @param on what it ran on, where that is to be told */
function circuitRows(label, { patching, edges }, { n_layer, n_head, n_embd }, tokens, on = "") {
  const goal = (limit) => (n_embd >= 768 ? limit : null);
  const told = (note) => [note, on].filter(Boolean).join("; ");
  return [
    ...[
      ["residual stream, each position", patching.stream],
      ["heads", patching.heads],
    ].flatMap(([what, { cells, perSecond, bySingles }]) => [
      row(`${label}: patching, ${what}`, perSecond, "experiments/s", {
        note: told(`${cells} cells of one pair, ${tokens} tokens`),
      }),
      row(`${label}: patching, ${what}, by runs one at a time`, bySingles, "×", {
        limit: goal(3),
        atLeast: true,
      }),
    ]),
    row(`${label}: all edges attributed ÷ forward`, edges.scoredByForward, "×", {
      limit: goal(5),
      note: told(
        `EAP of ${edges.edges.toLocaleString("en")} edges, one pair: the corrupted prompt run, the clean one with a backward pass, and products a layer, whose weights are at hand`,
      ),
    }),
    row(`${label}: edges tested, as by ACDC`, edges.perSecond, "edges/s", {
      note: told(
        `${edges.tested} of ${edges.edges.toLocaleString("en")} edges at four depths, one pair of ${tokens} tokens`,
      ),
    }),
    row(`${label}: edges tested, by one a run`, edges.bySingles, "×"),
    row(`${label}: attribution preview ÷ forward`, patching.previewByForward, "×", {
      limit: goal(5),
      note: told(
        `all ${n_layer * n_head} heads of one pair: both prompts run, and one backward pass`,
      ),
    }),
  ];
}
