import { describe, expect, it } from "vitest";
import { saeFiles } from "../../src/lab/sae-files.ts";

const of = (...names: string[]) => saeFiles(names.map((name) => ({ name })));
const [cfg, weights, sparsity] = ["cfg.json", "sae_weights.safetensors", "sparsity.safetensors"];

describe("the files of an autoencoder", () => {
  it("in SAELens's format are told by their names, among whatever its training left beside them", () => {
    const found = {
      format: "sae-lens",
      ...{ weights: { name: weights }, cfg: { name: cfg }, sparsity: null },
    };
    expect(of(weights, cfg)).toEqual(found);
    const rest = ["runner_cfg.json", "trainer_state.pt", "activations_store_state.safetensors"];
    expect(of(...rest, cfg, sparsity, weights)).toEqual({
      ...found,
      sparsity: { name: sparsity },
    });
    expect(of("mine.safetensors", "mine.json")).toMatchObject({ format: "sae-lens" });
  });

  it("of PyTorch may have a config beside them", () => {
    const torch = { format: "torch", weights: { name: "ae.pt" } };
    expect(of("ae.pt", "eval_results.json", "config.json")).toEqual({
      ...torch,
      cfg: { name: "config.json" },
    });
    expect(of("ae.pt")).toEqual({ ...torch, cfg: null });
  });

  it("of several are refused, and so is less than one", () => {
    expect(() => of("0.pt", "1.pt")).toThrow(/2 autoencoders \(0.pt, 1.pt\): import them one at a/);
    expect(() => of(cfg, weights, cfg, weights)).toThrow(/2 autoencoders/);
    expect(() => of("a.pt", "b.pt", "c.pt", "d.pt", "e.pt")).toThrow(/c.pt, d.pt, …\)/);
    expect(() => of(weights)).toThrow(/together.*got sae_weights.safetensors/);
    expect(() => of(cfg, sparsity)).toThrow(/got cfg.json, sparsity.safetensors/);
    expect(() => of()).toThrow(/got nothing/);
  });
});
