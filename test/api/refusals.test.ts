/** What callers from the console get wrong: each is refused with a code and what there is instead, before the worker is asked. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createModel, type LabModel } from "../../src/api/model.ts";
import { bench } from "../../src/lab/bench.ts";
import { gradientHandlers } from "../../src/lab/gradient-handlers.ts";
import { keepHandlers } from "../../src/lab/keep-handlers.ts";
import { runExperiments } from "../../src/lab/experiments.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import type { LabClient } from "../../src/rpc/client.ts";
import type { LabApi } from "../../src/rpc/contract.ts";
import type { Context } from "../../src/rpc/serve.ts";
import { engineAsModel } from "../lab/engine-model.ts";
import { embeddedEngine, type NodeEngine } from "../model/node-engine.ts";

let engine: NodeEngine;
let model: LabModel;
let limit: number;
const asked: string[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  engine = await embeddedEngine();
  const loaded = engineAsModel(engine);
  await bench.set(loaded);
  limit = engine.config.n_positions;
  const context = { signal, progress: () => undefined } as Context<unknown>;
  const call = async (method: keyof LabApi, input: never): Promise<unknown> => {
    asked.push(method);
    if (method === "model.runWithCache") return runWithCache(loaded, input, signal);
    if (method === "model.runExperiments") return runExperiments(loaded, input, context);
    const handlers = { ...gradientHandlers, ...keepHandlers };
    return (await handlers[method as "kept.run"](input, context)).value;
  };
  const files = { json: "{}", config: "{}" };
  model = await createModel(
    { call } as unknown as LabClient,
    { info: loaded.info, stamp: "" },
    files,
  );
});
afterAll(() => engine.release());

const P = [4095, 11, 500];
const metric = { kind: "logProb", token: 3 } as const;
/** What no type lets through, but JavaScript does. */
const wrong = (value: unknown) => value as never;

it.each<[string, (m: LabModel) => unknown, RegExp]>([
  [
    "an option",
    (m) => m.runWithCache(P, wrong({ edit: [] })),
    /no option "edit"; there are names, edits/,
  ],
  [
    "of experiments",
    (m) => m.runExperiments(P, [[]], wrong({ name: "z" })),
    /runExperiments has no option "name"/,
  ],
  [
    "of generate",
    (m) => m.generate(P, wrong({ maxTokens: 3 })),
    /"maxTokens"; there are maxNewTokens/,
  ],
  ["a basis of generate", (m) => m.generate(P, wrong({ basis: "TL" })), /no basis "TL"/],
  ["of gradients", (m) => m.gradients(P, metric, "z", wrong({ edit: 1 })), /no option "edit"/],
  [
    "a basis of integrated gradients",
    (m) => m.integratedGradients(P, metric, "z", wrong({ basis: "TL" })),
    /no basis "TL"/,
  ],
  ["a basis of keep", (m) => m.keep(P, "z", wrong({ basis: "tl" })), /no option "basis"/],
  ["of weight", (m) => m.weight("x", wrong({ bases: 1 })), /weight has no option "bases"/],
  ["of a trace", (m) => m.trace(P, () => 0, wrong({ edits: [] })), /trace has no option "edits"/],
  ["a basis of weight", (m) => m.weight("x", wrong({ basis: "TL" })), /no basis "TL"/],
  ["a basis of gradients", (m) => m.gradients(P, metric, "z", wrong({ basis: 3 })), /no basis 3/],
  [
    "logits of experiments",
    (m) => m.runExperiments(P, [[]], wrong({ logits: "first" })),
    /"logits" is one of "all", "last", "none", not "first"/,
  ],
  ["logits of a run", (m) => m.runWithCache(P, wrong({ logits: true })), /"logits" is one of/],
  ["null as options", (m) => m.runWithCache(P, wrong(null)), /are an object.*not null/],
  [
    "names that are a number",
    (m) => m.runWithCache(P, { names: wrong(5) }),
    /"names" is a hook point.*not 5/,
  ],
  [
    "edits that are one edit",
    (m) => m.runWithCache(P, { edits: wrong({ hook: "z" }) }),
    /"edits" is a list of edits, not an object/,
  ],
  [
    "an edit that is text",
    (m) => m.generate(P, { edits: wrong(["zero"]) }),
    /an edit is an object.*not "zero"/,
  ],
  [
    "a flat list of experiments",
    (m) => m.runExperiments(P, wrong([{ hook: "z" }])),
    /each experiment is a list of edits/,
  ],
  [
    "no experiments",
    (m) => m.runExperiments(P, wrong(undefined)),
    /each experiment is a list of edits/,
  ],
  [
    "no metric",
    (m) => m.gradients(P, wrong(undefined), "z"),
    /no metric undefined.*logitDiff, logProb, prob, loss, kl, feature/,
  ],
  [
    "another metric",
    (m) => m.gradients(P, wrong({ kind: "accuracy" }), "z"),
    /no metric "accuracy".*feature/,
  ],
  [
    "kl without a reference",
    (m) => m.gradients(P, wrong({ kind: "kl" }), "z"),
    /"kl" needs a reference/,
  ],
  [
    "kl to a run under another name",
    (m) => m.gradients(P, wrong({ kind: "kl", reference: { promt: "x" } }), "z"),
    /"kl" needs a reference like \{ prompt/,
  ],
  [
    "a metric without what it needs",
    (m) => m.gradients(P, wrong({ kind: "logitDiff", token: 3 }), "z"),
    /"logitDiff" takes "against", which is missing/,
  ],
  [
    "a metric's key under another name",
    (m) => m.gradients(P, wrong({ ...metric, position: 2 }), "z"),
    /"logProb" has no key "position"; there are token, pos/,
  ],
  [
    "an async test of names",
    (m) => m.runWithCache(P, { names: wrong(() => Promise.resolve(false)) }),
    /"names" is a test that answers at once/,
  ],
  [
    "names that are a regular expression",
    (m) => m.runWithCache(P, { names: wrong(/z$/) }),
    /not \/z\$\/; write \(name\) => \/z\$\/\.test\(name\)/,
  ],
  [
    "another figure",
    (m) => m.figure(wrong("lense"), P, wrong(undefined)),
    /a figure's name is one of .*"lens", .*not "lense"/,
  ],
  [
    "another study",
    (m) => m.study(wrong("heads"), wrong(undefined)),
    /a study's name is one of "headScores", .*not "heads"/,
  ],
  [
    "gradients without names",
    (m) => m.gradients(P, metric, wrong(undefined)),
    /"names" is a hook point.*not undefined/,
  ],
  ["keep without names", (m) => m.keep(P, wrong(undefined)), /"names" is a hook point/],
  [
    "a path from nowhere",
    (m) => m.integratedGradients(P, metric, "z", { from: wrong("mary") }),
    /"from" is "zero" or \{ prompt: … \}.*not "mary"/,
  ],
  [
    "a path from text in no object",
    (m) => m.integratedGradients(P, metric, "z", { from: wrong({}) }),
    /"from" is "zero"/,
  ],
  ["tokens of a number", (m) => m.toTokens(wrong(5)), /only text is made into tokens, not 5/],
  [
    "prompts for gradients",
    (m) => m.gradients(wrong([P, P]), metric, "z"),
    /one prompt is needed here/,
  ],
  [
    "prompts for experiments",
    (m) => m.runExperiments(wrong(["a", "b"]), [[]]),
    /one prompt is needed here/,
  ],
])("%s", async (_, act, message) => {
  asked.length = 0;
  const answer = Promise.resolve().then(() => act(model));
  await expect(answer).rejects.toMatchObject({ name: "LabError", code: "bad-input", message });
  expect(asked).toEqual([]);
});

it("a prompt longer than the context, but where it is cut and told", async () => {
  const long = Array.from({ length: limit + 3 }, (_, i) => i);
  const message = new RegExp(`prompt has ${limit + 3} tokens, this model reads ${limit};`);
  const refused = { code: "bad-input", message };
  await expect(model.gradients(long, metric, "z")).rejects.toMatchObject(refused);
  await expect(model.integratedGradients(long, metric, "z")).rejects.toMatchObject(refused);
  await expect(model.runExperiments(long, [[]])).rejects.toMatchObject(refused);
  await expect(model.keep([P, long], "z")).rejects.toMatchObject(refused);
  const { tokens } = await model.runWithCache(long, { names: "embed", logits: "none" });
  expect([tokens.ids.length, tokens.truncatedFrom]).toEqual([limit, limit + 3]);
});

it("logits of all positions, of the last, or none", async () => {
  const V = engine.config.vocab_size;
  const prompts = [P, [4095, 7]];
  for (const basis of ["raw", "tl"] as const) {
    const all = (await model.runWithCache(prompts, { names: [], basis })).logits;
    const last = (await model.runWithCache(prompts, { names: [], basis, logits: "last" })).logits;
    expect([all.dims, last.dims]).toEqual([
      [2, 3, V],
      [2, 1, V],
    ]);
    for (const [row, at] of [2, 3 + 1].entries()) {
      for (const v of [0, 17, V - 1]) {
        expect(last.data[row * V + v]).toBeCloseTo(all.data[at * V + v]!, 4);
      }
    }
    const none = await model.runWithCache(P, { names: ["z1"], basis, logits: "none" });
    expect(none.logits).toBeNull();
    expect(none.cache.need("z", 1).dims[1]).toBe(3);
  }
});

it("what is kept of several prompts is NaN beyond each, and says its basis, as gradients do", async () => {
  const kept = await model.keep([P, [4095, 7]], ["resid_post", "pattern"]);
  expect(kept.basis).toBe("raw");
  const { cache } = await model.runWithCache([P, [4095, 7]], { logits: "none" });
  for (const name of ["resid_post1", "pattern0"]) {
    const { data } = await kept.read(name);
    const expected = cache.get(name)!.data;
    expect(data.some(Number.isNaN)).toBe(true);
    expect([...data].map(Number.isNaN)).toEqual([...expected].map(Number.isNaN));
  }
  await kept.release();
  await expect(kept.read("pattern0")).rejects.toMatchObject({ code: "not-found" });
  expect((await model.gradients(P, metric, ["z", 0], { basis: "tl" })).basis).toBe("tl");
  const integrated = (basis?: "tl") =>
    model.integratedGradients(P, metric, ["z", 0], { steps: 1, ...(basis && { basis }) });
  expect((await integrated()).basis).toBe("raw");
  expect((await integrated("tl")).basis).toBe("tl");
});
