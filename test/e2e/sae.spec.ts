/** Training, storing and reading SAEs through `window.lab`, in a real browser. On the GPU: sae-webgpu.spec.ts. */
import type { CDPSession } from "@playwright/test";
import type { TrainRequest } from "../../src/core/sae.ts";
import { expect, test } from "./fixtures.ts";
import { HOOK, TINY, open, start, outcome, untilStep, goesOn, wentOn, own } from "./sae-runs.ts";

test.describe("on WASM", () => {
  test("trains, reports, measures, stores; features can be read and survive a reload", async ({
    page,
  }) => {
    await open(page);
    await start(page, TINY);
    const { summary, error } = await outcome(page);
    expect(error).toBeUndefined();
    expect(summary).toMatchObject({
      ...{ name: "tiny", status: "finished", origin: "trained", hasDashboards: true },
      trainedTokens: 64 * 40,
      config: { variant: "topk", k: 4, dIn: 192, dSae: 64, hook: HOOK, applyBDecToInput: false },
    });
    expect(summary!.metrics!.l0).toBeLessThanOrEqual(4);
    expect(summary!.metrics!.explainedVariance).toBeGreaterThan(0.1);
    const progress = await page.evaluate(() => window.run.progress);
    const points = progress.flatMap((p) => p.points);
    expect(points.map(({ step }) => step)).toEqual([5, 10, 15, 20, 25, 30, 35, 40]);
    expect(points.at(-1)!.reconstructionLoss).toBeLessThan(points[0]!.reconstructionLoss);
    expect(new Set(progress.map((p) => p.status))).toEqual(
      new Set(["preparing", "running", "dashboards", "saving"]),
    );

    await page.reload();
    await page.waitForFunction(() => Boolean(window.lab?.model));
    const read = await page.evaluate(async (id) => {
      const sae = await window.lab.sae.load(id);
      const table = await window.lab.sae.features(id);
      const best = table.rows.toSorted((a, b) => b.max - a.max)[0]!;
      const dashboard = await window.lab.sae.dashboard(id, best.feature);
      const { cache } = await window.lab.model!.runWithCache("When Mary went to the store", {
        names: [sae.cfg.hook],
      });
      const f = sae.encode(cache.get(sae.cfg.hook)!);
      const view = await window.lab.model!.view(
        { text: "When Mary went to the store", prependBos: true },
        { saeId: id, topK: 3 },
      );
      return {
        rows: table.rows.length,
        best,
        dashboard,
        examples: await sae.topExamples(best.feature, 3),
        activeByHand: Array.from(
          { length: f.dims[0]! },
          (_, t) => Array.from(f.data.subarray(t * 64, (t + 1) * 64)).filter((v) => v > 0).length,
        ),
        activeInView: view.features!.active.map((features) => features.length),
      };
    }, summary!.id);
    expect(read.rows).toBe(64);
    expect(read.examples.length).toBeGreaterThan(0);
    const [example] = read.examples;
    const activations = Object.values(example!.activations);
    expect(Math.max(...activations)).toBe(activations[example!.peak]);
    expect(Math.abs(activations[example!.peak]! / read.best.max - 1)).toBeLessThan(1e-3); // float16
    expect(read.dashboard.promoted).toHaveLength(10);
    expect(read.dashboard.promoted[0]!.effect).toBeGreaterThan(read.dashboard.promoted[9]!.effect);
    expect(read.dashboard.neighbours).toHaveLength(10);
    expect(read.activeInView).toEqual(read.activeByHand);
  });

  test("pauses, goes on, refuses a second run, and a cancelled run can be finished", async ({
    page,
  }) => {
    await open(page);
    await start(page, { ...TINY, tokens: 64 * 4000 });
    await untilStep(page, 5);
    await page.evaluate(() => window.lab.sae.setPaused(true));
    await page.waitForFunction(() => window.run.progress.at(-1)?.status === "paused");
    const steps = () => page.evaluate(() => window.run.progress.at(-1)!.step);
    const paused = await steps();
    expect((await own(page))[0]).toMatchObject({ status: "unfinished" });
    const second = await page.evaluate(
      (tiny) => window.lab.sae.train(tiny).catch((e: unknown) => (e as Error).message),
      TINY,
    );
    expect(second).toMatch(/the training of "tiny" is under way/);
    expect(await steps()).toBe(paused);
    await page.evaluate(() => window.lab.sae.setPaused(false));
    await untilStep(page, paused + 10);

    await page.evaluate(() => window.run.abort.abort());
    expect((await outcome(page)).error!.code).toBe("cancelled");
    const [stopped] = await own(page);
    expect(stopped).toMatchObject({ status: "unfinished", name: "tiny" });
    expect(stopped!.trainedTokens).toBeGreaterThanOrEqual(64 * (paused + 10));
  });

  test("a reload in the middle leaves a run that is listed, goes on where it was, and ends", async ({
    page,
  }) => {
    test.slow();
    await open(page);
    await start(page, { ...TINY, tokens: 64 * 200 });
    await untilStep(page, 10);
    await page.reload();
    await page.waitForFunction(() => Boolean(window.lab?.model));
    const [left] = await own(page);
    expect(left).toMatchObject({ status: "unfinished", hasDashboards: false });
    expect(left!.trainedTokens).toBeGreaterThan(0);
    await start(page, { resume: left!.id });
    const { summary, error } = await outcome(page);
    expect(error).toBeUndefined();
    expect(summary).toMatchObject({ id: left!.id, status: "finished", trainedTokens: 64 * 200 });
    const steps = await page.evaluate(() =>
      window.run.progress.flatMap((p) => p.points.map(({ step }) => step)),
    );
    expect(Math.min(...steps)).toBeGreaterThan(left!.trainedTokens! / 64);
    const past = await page.evaluate(() => window.run.progress[0]!.past![0]!.points);
    expect(past.at(-1)!.step).toBe(left!.trainedTokens! / 64);
    expect(past[0]!.step).toBe(5);
    expect(Math.max(...steps)).toBe(200);
    expect(await own(page)).toHaveLength(1);
  });

  test("a reload before the first step loses nothing either, and says how far preparing is", async ({
    page,
  }) => {
    test.slow();
    await open(page);
    const prepared = () =>
      page.waitForFunction(() => window.run.progress.some((p) => p.preparation?.what === "scale"));
    await start(page, { ...TINY, tokens: 64 * 4000, batchSize: 4096 });
    await prepared();
    const told = await page.evaluate(() => window.run.progress.map((p) => p.preparation));
    expect(told[0]).toEqual({ what: "corpus", done: 0, total: 0 });
    expect(told.at(-1)!.done).toBeGreaterThan(0);
    expect(told.at(-1)!.total).toBeGreaterThan(told.at(-1)!.done);
    await page.reload();
    await page.waitForFunction(() => Boolean(window.lab?.model));
    const [left] = await own(page);
    expect(left).toMatchObject({ status: "unfinished", trainedTokens: 0, name: "tiny" });
    const read = await page.evaluate(
      (id) => window.lab.sae.load(id).catch((e: unknown) => (e as Error).message),
      left!.id,
    );
    expect(read).toMatch(/has no weights yet/);
    await start(page, { resume: left!.id });
    await untilStep(page, 5);
    await page.evaluate(() => window.run.abort.abort());
    await outcome(page);
    const [begun] = await own(page);
    expect(begun!.id).toBe(left!.id);
    expect(begun!.trainedTokens).toBeGreaterThan(0);
    // As when another tab works on it: that one would hold this lock.
    const elsewhere = await page.evaluate(
      (id) =>
        navigator.locks.request(`glassroom sae ${id}`, async () => {
          const message = (e: unknown) => (e as Error).message;
          const { sae } = window.lab;
          return [
            await sae.summaries.resume(id).then(() => "", message),
            await sae.delete(id).then(() => "", message),
          ];
        }),
      begun!.id,
    );
    for (const message of elsewhere) expect(message).toMatch(/another tab is working on this SAE/);
    expect(await own(page)).toEqual([begun]);
    await page.evaluate((id) => window.lab.sae.delete(id), begun!.id);

    await start(page, { ...TINY, tokens: 64 * 4000, batchSize: 4096 });
    await prepared();
    await page.evaluate(() => window.run.abort.abort());
    await outcome(page);
    expect(await own(page)).toEqual([]); // what was given up before it began
  });

  test("export and import give the same encodings bit for bit; rename, measure, delete", async ({
    page,
  }) => {
    test.slow();
    await open(page);
    // The import is measured on 100,000 tokens: of the embeddings, so that none of them goes through a block.
    await start(page, { ...TINY, hook: "blocks.0.hook_resid_pre" });
    const { summary } = await outcome(page);
    const result = await page.evaluate(async (id) => {
      const first = await window.lab.sae.load(id);
      const files = await first.export();
      const second = await window.lab.sae.import(files);
      const x = Float32Array.from({ length: 192 * 3 }, (_, i) => Math.sin(i) * 3);
      const same = first.encode(x).data.every((v, i) => v === second.encode(x).data[i]);
      const refused = await window.lab.sae
        .features(second.id)
        .catch((e: unknown) => (e as Error).message);
      const renamed = await window.lab.sae.rename(second.id, "  copy ");
      const measured = await window.lab.sae.measure(second.id);
      const table = await window.lab.sae.features(second.id);
      await window.lab.sae.delete(first.id);
      const gone = await window.lab.sae.load(first.id).catch((e: unknown) => (e as Error).message);
      const only = await window.lab.sae
        .import([files[0]!])
        .catch((e: unknown) => (e as Error).message);
      return {
        ...{ same, refused, renamed, measured, rows: table.rows.length, gone, only },
        names: files.map(({ name }) => name),
      };
    }, summary!.id);
    expect(result.names).toEqual(["cfg.json", "sae_weights.safetensors"]);
    expect(result.same).toBe(true);
    expect(result.refused).toMatch(/measure it on the corpus first/);
    expect(result.renamed).toMatchObject({ name: "copy", origin: "imported", metrics: null });
    expect(result.measured).toMatchObject({ hasDashboards: true, name: "copy" });
    // The imported one is measured on more text than such a short run was.
    const difference =
      result.measured.metrics!.explainedVariance - summary!.metrics!.explainedVariance;
    expect(Math.abs(difference)).toBeLessThan(0.1);
    expect(result.rows).toBe(64);
    expect(result.gone).toMatch(/no SAE with id/);
    expect(result.only).toMatch(/cfg.json and sae_weights.safetensors together.*got cfg.json/);
  });

  test("says which value of a request is wrong, and what is allowed", async ({ page }) => {
    await open(page);
    const refuse = (change: Partial<TrainRequest>) =>
      page.evaluate(
        (request) =>
          window.lab.sae
            .train(request)
            .catch((e: unknown) => (e as Error).message) as Promise<string>,
        { ...TINY, ...change },
      );
    expect(await refuse({ k: 65 })).toMatch(/k is 65; it may be a whole number from 1 to 64/);
    expect(await refuse({ hook: "blocks.9.hook_resid_post" })).toMatch(/no hook point/);
    expect(await refuse({ hook: "blocks.0.attn.hook_pattern" })).toMatch(/cannot be trained on/);
    expect(await own(page)).toEqual([]);
  });

  test("without room in the storage a run still ends, is told of, and can be exported", async ({
    page,
  }) => {
    await open(page);
    // Before the database is made: later, Chromium goes by the room that it remembers.
    const session: CDPSession = await page.context().newCDPSession(page);
    const origin = await page.evaluate(() => location.origin);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
    await start(page, { ...TINY, dSae: 1024 });
    const { error } = await outcome(page);
    expect(error!.code).toBe("quota");
    expect(error!.message).toMatch(
      /"tiny" is complete, but could not be stored: .*no room for .* MB/,
    );
    const warned = await page.evaluate(() => window.run.progress.find((p) => p.warning)?.warning);
    expect(warned).toMatch(/no checkpoint could be stored: .*no room for/);
    const [there] = await own(page);
    expect(there).toMatchObject({ name: "tiny", status: "finished", hasDashboards: true });
    const [bytes, rows] = await page.evaluate(
      async (id) => [
        (await window.lab.sae.export(id))[1]!.size,
        (await window.lab.sae.features(id)).rows.length,
      ],
      there!.id,
    );
    expect(bytes).toBeGreaterThan(4 * 2 * 192 * 1024);
    expect(rows).toBe(1024);
  });

  test("a write that fails half-way leaves what was stored before as it was", async ({ page }) => {
    await open(page);
    await start(page, TINY);
    const { summary: first } = await outcome(page);
    const before = await own(page);
    await page.workers()[0]!.evaluate(() => {
      const put = Reflect.get(IDBObjectStore.prototype, "put") as (
        ...given: unknown[]
      ) => IDBRequest;
      IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...given) {
        if (this.name !== "summaries") throw new DOMException("full", "QuotaExceededError");
        return put.apply(this, given) as IDBRequest<IDBValidKey>;
      };
    });
    await start(page, { ...TINY, name: "second", seed: 4 });
    expect((await outcome(page)).error!.code).toBe("quota");
    expect((await own(page)).map(({ name }) => name)).toEqual(["second", "tiny"]);
    await page.reload();
    await page.waitForFunction(() => Boolean(window.lab?.model));
    expect(await own(page)).toEqual(before);
    const rows = await page.evaluate(
      async (id) => (await window.lab.sae.features(id)).rows.length,
      first!.id,
    );
    expect(rows).toBe(64);
  });

  test("a worker that dies in the middle is started again, and the run goes on from its last checkpoint", async ({
    page,
    expected,
  }) => {
    test.slow();
    expected(/gone/);
    await open(page);
    await start(page, { ...TINY, tokens: 64 * 4000 });
    await untilStep(page, 10);
    await page.workers()[0]!.evaluate(() => {
      setTimeout(() => {
        throw new Error("gone");
      });
    });
    await goesOn(page);
    expect(await wentOn(page)).toBe(true);
    await page.evaluate(() => window.run.abort.abort());
    expect((await outcome(page)).error!.code).toBe("cancelled");
    const runs = await own(page);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ name: "tiny", status: "unfinished" });
  });

  test("a record of the storage that was broken is told, and can be deleted", async ({ page }) => {
    await open(page);
    await start(page, TINY);
    const { summary } = await outcome(page);
    await page.reload();
    await page.waitForFunction(() => Boolean(window.lab?.model));
    const result = await page.evaluate(async (id) => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open("glassroom-saes");
        opening.onsuccess = () => resolve(opening.result);
      });
      await new Promise((resolve) => {
        const work = db.transaction("weights", "readwrite");
        work.objectStore("weights").put({ W_enc: new Float32Array(3) }, id);
        work.oncomplete = resolve;
      });
      db.close();
      const told = await window.lab.sae.load(id).catch((e: unknown) => ({
        code: (e as { code: string }).code,
        message: (e as Error).message,
      }));
      await window.lab.sae.delete(id);
      return { told, left: (await window.lab.sae.list()).filter((s) => s.id === id).length };
    }, summary!.id);
    expect(result.told).toMatchObject({ code: "bad-file" });
    expect((result.told as { message: string }).message).toMatch(/"tiny" cannot be read/);
    expect(result.left).toBe(0);
  });
});
