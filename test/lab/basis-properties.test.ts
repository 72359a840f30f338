/**
 * TransformerLens's basis, by formulas on a raw run, against weights that were really processed: models, batches and edits
 * by chance, in float64 but for the activations handed out. Seeds are fixed.
 */
import { expect, it } from "vitest";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import { basisKind } from "../../src/math/basis.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { parseConfig } from "../../src/model/config.ts";
import { integer, randomCheckpoint, randomEdit, randomRows } from "../model/random-models.ts";
import { ownPart, relative } from "../reference/compare.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { madeUpModel } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceAsModel } from "./reference-model.ts";

const CASES = 150;
const { signal } = new AbortController();

function centred(x: Float64Array | readonly number[], size: number): number[] {
  const rows = Array.from({ length: x.length / size }, (_, r) => x.slice(r * size, (r + 1) * size));
  return rows.flatMap((row) => {
    const mean = [...row].reduce((a, b) => a + b, 0) / size;
    return [...row].map((v) => v - mean);
  });
}

it(`is that of the processed weights in ${CASES} runs by chance`, async () => {
  for (let seed = 1; seed <= CASES; seed++) {
    const random = keyedRandom(seed, 3);
    const files = randomCheckpoint(seed);
    const { config } = parseConfig(files.config);
    const reference = madeUpModel(config, seed, files.tied);
    const twin = processed(reference);
    const names = hookNames(config);
    const ids = randomRows(random, config);
    const lengths = ids.map((row) => row.length);
    const edits = Array.from({ length: integer(random, 0, 5) }, () =>
      randomEdit(random, names, config, lengths),
    ).filter(
      // Refused: one coordinate of what has mean 0 in that basis.
      ({ hook, op, neuron }) =>
        neuron === undefined || op === "add" || parseHook(hook, config).axes.at(-1) !== "d",
    );
    const { cache, logits } = await runWithCache(
      referenceAsModel(reference),
      { prompts: ids.map((row) => ({ ids: row })), names, edits, basis: "tl" },
      signal,
    );
    for (const [row, own] of ids.entries()) {
      const mine = edits.filter((edit) => edit.row === undefined || edit.row === row);
      const alone = mine.map((edit) => referenceEdit({ ...edit, row: 0 }, [own.length]));
      const run = referenceRun(twin, [own], alone);
      const told = `of row ${row}, seed ${seed}, lengths ${lengths.join()}: ${JSON.stringify(edits)}`;
      for (const [name, tensor] of cache) {
        const { axes, site } = parseHook(name, config);
        const found = ownPart(tensor, row, own.length, axes);
        const { value } = run.get(name);
        // What an edit adds along (1, …, 1) of d_model is told in neither basis: nothing that reads it can see it.
        const kind = basisKind(site);
        const seen =
          kind === "same" || kind === "value"
            ? [value, found]
            : [value, found].map((x) => centred(x, config.n_embd));
        expect(relative(seen[1]!, seen[0]!), `${name} ${told}`).toBeLessThan(2e-5);
      }
      const found = ownPart(logits, row, own.length, ["T", "V"]);
      expect(relative(found, run.get("logits").value), `logits ${told}`).toBeLessThan(2e-5);
    }
  }
});
