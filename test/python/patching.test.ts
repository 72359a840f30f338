/** The snippets of patching name only what there is; TransformerLens's own sweeps where it has them. */
import { describe, expect, it } from "vitest";
import { PATCH_UNITS, type PatchPair } from "../../src/core/patching.ts";
import { TASK_METRICS } from "../../src/core/task.ts";
import { LOGITS } from "../../src/core/paths.ts";
import { pathPython } from "../../src/python/paths.ts";
import { acdcPython } from "../../src/python/acdc.ts";
import { eapPython } from "../../src/python/eap.ts";
import { baselinePython, patchingPython } from "../../src/python/patching.ts";
import { headRolesPython } from "../../src/python/head-roles.ts";
import { scorePython, valuePython } from "../../src/python/pair-trace.ts";
import { ROLE_LEAST } from "../../src/core/head-roles.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const pair: PatchPair = {
  ...{ clean: [3, 4, 5], corrupted: [3, 6, 5], answers: [7], wrong: [8, 9] },
  places: [[0], [1], [2]],
};
const roles: PatchPair = { ...pair, places: [[1, 2], [], [2]] };
const question = {
  ...{ pairs: [pair], metric: "logitDiff" as const, direction: "denoise" as const },
};

describe.each(BENCHES)("%s", (_, facts) => {
  it("a baseline and every kind of sweep", () => {
    for (const metric of TASK_METRICS) {
      expectPython(baselinePython(facts, [pair, roles], metric), facts.model.config);
    }
    for (const unit of PATCH_UNITS) {
      for (const pairs of [[pair], [pair, roles]]) {
        for (const byPlace of [true, false]) {
          const sweep = { unit, byPlace, layer: unit === "neuron" ? 1 : null };
          const code = patchingPython(facts, { ...question, pairs, sweep });
          expectPython(code, facts.model.config);
        }
      }
    }
  });
});

it.each(BENCHES)("%s: paths of every kind", (_, facts) => {
  const last = facts.model.config.n_layer - 1;
  for (const receivers of [[LOGITS], [`a${last}.h0<q>`, `m${last}`]]) {
    for (const byPlace of [true, false]) {
      for (const mlps of ["recompute", "freeze"] as const) {
        const asked = { ...question, receivers, mlps, byPlace };
        expectPython(pathPython(facts, asked), facts.model.config);
      }
    }
  }
});

it("uses TransformerLens's sweeps over positions and heads, the other way round for noise", () => {
  const sweep = { unit: "resid_pre" as const, byPlace: false, layer: null };
  expect(patchingPython(FACTS, { ...question, sweep })).toContain(
    "patching.get_act_patch_resid_pre(model, corrupted, clean_cache, score)",
  );
  const heads = { unit: "z" as const, byPlace: false, layer: null };
  expect(patchingPython(FACTS, { ...question, direction: "noise", sweep: heads })).toContain(
    "patching.get_act_patch_attn_head_out_all_pos(model, clean, corrupted_cache, score)",
  );
  const own = patchingPython(FACTS, { ...question, pairs: [roles], sweep });
  expect(own).not.toContain("patching.get");
  expect(own).toContain("[[1, 2], [], [2]]");
});

it.each(BENCHES)("%s: scores of all edges", (_, facts) => {
  for (const method of ["eap", "eap-ig"] as const) {
    for (const metric of TASK_METRICS) {
      const code = eapPython(facts, { pairs: [pair], metric, method, steps: 5 });
      expectPython(code, facts.model.config);
    }
  }
});

it.each(BENCHES)("%s: a search edge by edge", (_, facts) => {
  for (const metric of TASK_METRICS) {
    for (const order of ["normal", "reverse", "random"] as const) {
      const settings = { metric, order, threshold: 0.01, seed: 3, absolute: order === "random" };
      for (const corruption of ["resample", "zero"] as const) {
        const code = acdcPython(facts, { pairs: [pair], corruption, ...settings });
        expectPython(code, facts.model.config);
      }
    }
  }
});

it.each(BENCHES)("%s: traces of pairs of tokens, and evidence for roles", (_, facts) => {
  const { config } = facts.model;
  const asked = { ids: [3, 4, 5], layer: config.n_layer - 1, head: 1, query: 2, key: 0 };
  const ways = [
    null,
    { token: " x" },
    { answers: [7], wrong: [] },
    { answers: [7], wrong: [8, 9] },
  ];
  expectPython(scorePython(facts, { ...asked, along: null }), config);
  for (const along of ways) expectPython(valuePython(facts, { ...asked, along }), config);
  expectPython(headRolesPython(facts, { pairs: [pair, roles], seed: 3 }, ROLE_LEAST, 50), config);
});
