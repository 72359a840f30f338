/** Snippets of probes. */
import { describe, expect, it } from "vitest";
import {
  type FoundDirection,
  PROBE_SITES,
  type ProbePlace,
  type ProbeQuestion,
} from "../../src/core/probe.ts";
import {
  cosinesPython,
  directionPython,
  probeDataPython,
  probePython,
} from "../../src/python/probes.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const places: ProbePlace[] = [
  ...PROBE_SITES.map((site) => ({ site, layer: 1, head: null })),
  { site: "attn.hook_z", layer: 1, head: 2 },
];
const question = (patch: Partial<ProbeQuestion> = {}): ProbeQuestion => ({
  request: {
    ...{ source: { kind: "rule", rule: "digit" }, texts: 9, most: 99, balanced: true, seed: 3 },
  },
  ...{ places, read: "last", loss: "logistic", folds: 1, shuffles: 3 },
  ...patch,
});
const direction: FoundDirection = {
  ...{ to: "digit", unit: Float32Array.of(1), slope: 2, mean: 0, deviation: 1 },
};
const scores = { kind: "numbers", r2: 0.5, majority: 0, shuffled: [] } as const;

describe.each(BENCHES)("on %s", (_, facts) => {
  const { n_layer } = facts.model.config;
  it("can be run", () => {
    expectPython(probeDataPython(), { n_layer });
    for (const loss of ["logistic", "linear"] as const) {
      for (const read of ["last", "mean"] as const) {
        for (const numbers of [false, loss === "linear"]) {
          expectPython(probePython(facts, question({ loss, read, folds: 5 }), numbers), {
            n_layer,
          });
        }
      }
    }
    for (const classes of [[], ["digit", "other"], ["digit", "other", "word"]]) {
      const loss = classes.length === 0 ? "linear" : "logistic";
      const result = { place: places.at(-1)!, lambdas: [0.01], scores };
      expectPython(directionPython(facts, question({ loss }), result, direction, classes), {
        n_layer,
      });
      expectPython(cosinesPython(facts, question({ loss }), "digit", classes), { n_layer });
    }
  });
});

it("says what is read and with which penalty", () => {
  const code = probePython(FACTS, question({ read: "mean" }), false);
  expect(code).toContain("LogisticRegression(C=1 / (lam * n)");
  expect(code).toContain("x[1:].mean(dim=0)");
  expect(code).toContain('("blocks.1.attn.hook_z", 2)');
  expect(code).toContain("lams = [10, 1, 0.1, 0.01, 0.001]");
  const numbers = probePython(FACTS, question({ loss: "linear" }), true);
  expect(numbers).toContain("Ridge(alpha=lam * n)");
  const towards = directionPython(
    ...([FACTS, question(), { place: places[0]!, lambdas: [0.01], scores }, direction] as const),
    ["other", "digit"],
  );
  expect(towards).toContain('(1 if best.classes_[1] == "digit" else -1)');
});
