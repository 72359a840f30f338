/** Computed edits, experiments and traces in the browser, on the embedded model and the SAE that comes with it. */
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

test.beforeEach(async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
});

test("a sweep over heads is, head by head, what single runs are, and takes less time", async ({
  page,
}) => {
  const found = await page.evaluate(async () => {
    const model = window.lab.model!;
    const prompt = "The old man opened the door because he heard the sound of the sea";
    const places = Array.from({ length: 4 }, (_, layer) =>
      Array.from({ length: 6 }, (_, head) => ({
        hook: `blocks.${layer}.attn.hook_z`,
        op: "zero" as const,
        head,
      })),
    ).flat();
    const seen: number[] = [];
    const lists = places.map((edit) => [edit]);
    await model.runExperiments(prompt, lists.slice(0, 2)); // warm
    const start = performance.now();
    const sweep = await model.runExperiments(prompt, lists, {
      onProgress: ({ done }) => seen.push(done),
    });
    const together = performance.now() - start;
    const V = model.config.vocab_size;
    let worst = 0;
    const again = performance.now();
    for (const [i, edit] of places.entries()) {
      const { logits } = await model.runWithCache(prompt, { names: [], edits: [edit] });
      const row = sweep.logits!.data.subarray(i * V, (i + 1) * V);
      const alone = logits.data.subarray(logits.data.length - V);
      row.forEach((v, id) => (worst = Math.max(worst, Math.abs(v - alone[id]!))));
    }
    return { worst, together, singly: performance.now() - again, seen, dims: sweep.logits!.dims };
  });
  expect(found.dims.slice(0, 2)).toEqual([24, 1]);
  expect(found.seen.at(-1)).toBe(24);
  expect(found.worst).toBeLessThan(1e-3);
  expect(found.together).toBeLessThan(found.singly);
});

test("the SAE spliced in with its error changes nothing, without it something; a trace sees it", async ({
  page,
}) => {
  const found = await page.evaluate(async () => {
    const model = window.lab.model!;
    const [sae] = await window.lab.sae.list();
    const { hook } = sae!.config;
    const at = { hook, sae: sae!.id };
    const prompt = "Once upon a time there was a king";
    return model.trace(prompt, async (t) => {
      const plain = await t.logits();
      const largest = async (edit: Parameters<typeof t.edit>[0]) => {
        const run = t.run(prompt);
        run.edit(edit);
        const { data } = await run.logits();
        return data.reduce((worst, v, i) => Math.max(worst, Math.abs(v - plain.data[i]!)), 0);
      };
      const opened = await window.lab.sae.load(sae!.id);
      const x = await t.run(prompt).get(hook);
      const features = opened.encode(x);
      const strongest = features.data.indexOf(Math.max(...features.data)) % sae!.config.dSae;
      return {
        kept: await largest({ ...at, op: "splice", error: true }),
        spliced: await largest({ ...at, op: "splice" }),
        ablated: await largest({ ...at, op: "ablate", feature: strongest }),
        mean: await largest({ hook, op: "mean", over: "corpus", contexts: 4, pos: -1 }),
        itself: await largest({ hook, op: "resample", from: prompt }),
      };
    });
  });
  expect(found.kept).toBeLessThan(1e-4);
  expect(found.itself).toBeLessThan(1e-4);
  for (const changed of [found.spliced, found.ablated, found.mean]) {
    expect(changed).toBeGreaterThan(1e-2);
  }
});

test("generation with a computed edit is what whole runs with it are, and stops where it is told", async ({
  page,
}) => {
  const found = await page.evaluate(async () => {
    const model = window.lab.model!;
    const [sae] = await window.lab.sae.list();
    const edits = [
      { hook: sae!.config.hook, op: "clamp" as const, sae: sae!.id, feature: 5, value: 20 },
    ];
    const ids = model.toTokens("Once upon a time there was");
    const options = { maxNewTokens: 6, temperature: 0, repetitionPenalty: 1.2, edits };
    const { tokens } = await model.generate(ids, options);
    const expected: number[] = [];
    while (expected.length < tokens.length) {
      const soFar = [...ids, ...expected];
      const { logits } = await model.runWithCache(soFar, { names: [], edits });
      const last = logits.data.slice(-model.config.vocab_size);
      for (const id of new Set(soFar)) last[id]! *= last[id]! > 0 ? 1 / 1.2 : 1.2;
      expected.push(last.indexOf(Math.max(...last)));
    }
    const stopped = await model.generate(ids, { ...options, stop: [tokens[2]!] });
    return { tokens, expected, stopped };
  });
  expect(found.tokens).toEqual(found.expected);
  expect(found.stopped.stopped).toBe("stop");
  expect(found.stopped.tokens).toEqual(
    found.tokens.slice(0, found.tokens.indexOf(found.tokens[2]!) + 1),
  );
});
