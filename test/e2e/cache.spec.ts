/** Activations through `window.lab` in a browser: both bases, shorthand, several prompts, and sums that add up. */
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

test("components sum to the logits in both bases, and to one another's differences", async ({
  page,
}) => {
  await page.goto("./?device=wasm");
  await untilReady(page);
  const found = await page.evaluate(async () => {
    const model = window.lab.model!;
    const text = "When Mary and John went to the store, John gave a book to";
    const V = model.config.vocab_size;
    const results = [];
    for (const basis of ["raw", "tl"] as const) {
      const { cache, logits, tokens } = await model.runWithCache(text, { basis });
      const id = model.toSingleToken(" Mary");
      const stack = await cache.fullResidDecomposition(-1, { pos: -1 });
      const { data, bias } = await cache.logitAttrs(stack, " Mary");
      const sum = data.reduce((total, x) => total + x, bias.data[0]!);
      const last = logits.data.subarray(-V);
      results.push({
        basis: cache.basis,
        error: sum - last[id]!,
        mean: last.reduce((total, x) => total + x / V, 0),
        labels: stack.labels.length,
        length: tokens.ids.length,
        logit: last[id]! - last[id + 1]!,
      });
    }
    return { results, config: model.config };
  });
  const { n_layer, n_head, n_inner } = found.config;
  const [raw, tl] = found.results;
  expect([raw!.basis, tl!.basis]).toEqual(["raw", "tl"]);
  for (const { error, labels } of found.results) {
    expect(Math.abs(error)).toBeLessThan(1e-3);
    expect(labels).toBe(n_layer * (n_head + n_inner) + 3);
  }
  expect(Math.abs(tl!.mean)).toBeLessThan(1e-4);
  expect(Math.abs(raw!.mean)).toBeGreaterThan(0.1);
  expect(Math.abs(raw!.logit - tl!.logit)).toBeLessThan(1e-3);
});

test("several prompts are as each alone, NaN beyond; hooks are asked for by shorthand", async ({
  page,
}) => {
  await page.goto("./?device=wasm");
  await untilReady(page);
  const found = await page.evaluate(async () => {
    const model = window.lab.model!;
    const texts = ["The cat sat on the mat", "A dog", "Once upon a time"];
    const names = ["resid_post", ["pattern", -1], "embed"] as const;
    const { cache, tokens, logits } = await model.runWithCache(texts, { names });
    let largest = 0;
    let nans = 0;
    for (const [i, text] of texts.entries()) {
      const alone = await model.runWithCache(text, { names });
      for (const [name, { data, dims }] of cache.row(i)) {
        const other = alone.cache.get(name)!;
        if (other.dims.join() !== dims.join()) return null;
        data.forEach((v, at) => {
          const difference = Math.abs(v - other.data[at]!);
          if (!(difference <= largest)) largest = difference;
        });
      }
    }
    for (const v of logits.data) if (Number.isNaN(v)) nans++;
    return {
      largest,
      nans: nans / model.config.vocab_size,
      lengths: tokens.map(({ ids }) => ids.length),
      keys: [...cache.keys()],
      refused: await model.runWithCache("a", { names: ["z9"] }).catch((e: unknown) => String(e)),
    };
  });
  expect(found!.largest).toBeLessThan(1e-4);
  expect(found!.lengths).toEqual([7, 3, 5]);
  expect(found!.nans).toBe(7 - 3 + (7 - 5));
  expect(found!.keys).toHaveLength(6);
  expect(found!.refused).toMatch(/"z9" is no hook point of this model \(4 layers\)/);
});
