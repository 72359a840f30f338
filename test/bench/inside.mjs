/** Parts of the worker on their own: the training step per backend (inside/step.ts) and harvesting (inside/harvest.ts). */
import { open } from "./browser.mjs";
import { row } from "./table.mjs";

const BACKENDS = { wasm: "WASM", webgpu: "software WebGPU" };

export async function measureStep({ browser, url, question }) {
  const page = await open(browser);
  await page.goto(url);
  const { step, products, autodiff } = await page.evaluate(
    (q) => window.measure("step", q),
    question,
  );
  await page.context().close();
  const { backend, variant, dIn, dSae, batch } = question;
  const name = `${BACKENDS[backend]}: ${variant === "topk" ? "TopK" : "L1"} step`;
  const rows = [
    row(name, step, "ms", { note: `${batch} × ${dIn} → ${dSae}, its report read` }),
    row(`${name} ÷ its matrix products`, step / products, "×", {
      // In software at this size the count of kernels is what is measured; the goal is for real sizes.
      limit: backend === "wasm" && variant === "standard" ? 1.4 : null,
      note: `${products.toFixed(1)} ms for the five products alone`,
    }),
  ];
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
