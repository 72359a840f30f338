/** The forward pass: what all hooks cost, beside logits alone. */
import { median, row } from "./table.mjs";

/** Runs in the page: times of `runWithCache` on `tokens` ids, with logits only and with every hook, each first by turns. */
const times = ({ tokens, repeats, names }) =>
  (async () => {
    const { model } = window.lab;
    const ids = Array.from({ length: tokens }, (_, i) => (i * 7919 + 11) % model.config.vocab_size);
    const out = { none: [], all: [], hooks: 0 };
    for (let i = -2; i < repeats; i++) {
      for (const kind of i % 2 ? ["none", "all"] : ["all", "none"]) {
        const start = performance.now();
        const { cache } = await model.runWithCache(ids, {
          names: kind === "none" ? [] : (names ?? undefined),
        });
        if (i >= 0) out[kind].push(performance.now() - start);
        if (kind === "all") out.hooks = cache.size;
      }
    }
    return out;
  })();

export async function measureForward(page, { tokens, repeats, label, limit }) {
  const { none, all, hooks } = await page.evaluate(times, { tokens, repeats, names: null });
  return [
    row(`${label}: forward, logits only`, median(none), "ms", { note: `${tokens} tokens` }),
    row(`${label}: forward, all hooks`, median(all), "ms", {
      note: `${hooks} hooks, copied to the page`,
    }),
    row(`${label}: all hooks ÷ logits only`, median(all.map((t, i) => t / none[i])), "×", {
      limit,
      note: "median of the ratios of neighbouring runs",
    }),
  ];
}
