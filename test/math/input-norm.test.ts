/** Hand values with D 3, for which dividing by D and by D − 1 differ; and that undoing undoes. */
import { describe, expect, it } from "vitest";
import { denormalised, featureScale, normalised } from "../../src/math/input-norm.ts";
import { INPUT_NORMS, type SaeConfig } from "../../src/core/sae.ts";
import { featureActivations } from "../../src/lab/feature-reader.ts";
import { decode, encode, preActivation } from "../../src/math/sae.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";

const x = Float32Array.of(1, 2, 6, 0, 3, 4); // means 3 and 7/3; Σ(x − μ)²: 14; ‖x‖²: 41 and 25
const close = (found: ArrayLike<number>, wanted: number[]) =>
  wanted.forEach((v, i) => expect(found[i]).toBeCloseTo(v, 5));

describe("activations are", () => {
  it("centred", () => {
    close(normalised(x, 3, "centre"), [-2, -1, 3, -7 / 3, 2 / 3, 5 / 3]);
    expect([...featureScale(x, 3, "centre")]).toEqual([1, 1]);
  });
  it("put through LayerNorm with the deviation by D − 1, ε added to it", () => {
    const sigma = Math.sqrt(14 / 2);
    close(
      normalised(x, 3, "layer_norm"),
      [-2, -1, 3].map((v) => v / (sigma + 1e-5)),
    );
    expect(featureScale(x, 3, "layer_norm")[0]).toBeCloseTo(sigma, 6);
  });
  it("rescaled to length √D", () => {
    const rows = normalised(x, 3, "constant_norm_rescale");
    expect(Math.hypot(...rows.subarray(3))).toBeCloseTo(Math.sqrt(3), 5);
    expect(featureScale(x, 3, "constant_norm_rescale")[1]).toBeCloseTo(5 / Math.sqrt(3), 6);
  });
  it("left as they are where nothing is asked", () => {
    expect(normalised(x, 3, undefined)).toBe(x);
    expect(denormalised(x, x, 3, undefined)).toBe(x);
  });
  it.each(INPUT_NORMS)("as they were once %s is undone", (kind) =>
    denormalised(normalised(x, 3, kind), x, 3, kind).forEach((v, i) =>
      expect(v).toBeCloseTo(x[i]!, 4),
    ),
  );
});

describe.each(INPUT_NORMS)("an SAE that reads activations after %s", (normalize) => {
  const [D, F] = [3, 5];
  const random = keyedRandom(4);
  const numbers = (n: number) => Float32Array.from({ length: n }, () => normal(random));
  const weights = {
    W_enc: numbers(D * F),
    W_dec: numbers(F * D),
    b_enc: numbers(F),
    b_dec: numbers(D),
  };
  const config: SaeConfig = {
    ...{ dIn: D, dSae: F, hook: "blocks.0.hook_resid_post", modelId: "hand", normalize },
    ...{ variant: "standard", applyBDecToInput: true, prependBos: true, contextSize: 8 },
  };
  it("computes on the normalised ones, and scales back what it rebuilds", () => {
    const plain = { ...config };
    delete plain.normalize;
    const inner = normalised(x, D, normalize);
    const f = encode(x, weights, config);
    expect(f).toEqual(encode(inner, weights, plain));
    expect(decode(f, weights, config, x)).toEqual(
      denormalised(decode(f, weights, plain), x, D, normalize),
    );
    expect(() => decode(f, weights, config)).toThrow(/it needs what it read/);
    expect(preActivation(x.subarray(3), 2, weights, config)).toBe(
      preActivation(inner.subarray(3), 2, weights, plain),
    );
  });
  it("reads one feature as it reads all", () => {
    const f = encode(x, weights, config);
    for (let feature = 0; feature < F; feature++) {
      expect([...featureActivations(x, { config, weights }, feature)]).toEqual([
        f[feature],
        f[F + feature],
      ]);
    }
  });
});
