/** The whole store over a fake worker: every call waits until the test answers it. */
import { createLab } from "../../src/api/lab.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { PromptView } from "../../src/core/prompt-view.ts";
import { createLabStore } from "../../src/state/store.ts";
import "../../src/text/tokenizer.ts"; // loaded on use: here, so that no test has to wait for it
import { fakeClient, info, settle } from "./saes.ts";

const tokenizer = { json: "{}", config: "{}" }; // never opened by these tests

/** A view of as many one-letter tokens as `text` has letters, BOS first. */
export function viewOf(text: string): PromptView {
  const strings = ["<|endoftext|>", ...Array.from(text)];
  const n = strings.length;
  return {
    tokens: { ids: strings.map((_, i) => i), strings, truncatedFrom: null, warnings: [] },
    pattern: { data: new Float32Array(4 * 2 * n * n), dims: [4, 2, n, n] },
    predictions: strings.map(() => ({ ids: [1], strings: ["a"], logits: [0], probabilities: [1] })),
    actual: {
      loss: new Float32Array(n - 1),
      rank: new Int32Array(n - 1).fill(1),
      logit: new Float32Array(n - 1),
      probability: new Float32Array(n - 1).fill(1),
    },
    features: null,
    milliseconds: 1,
  };
}

export function benchStore() {
  const fake = fakeClient();
  const lab = createLab(fake.client);
  const store = createLabStore(lab);
  const state = () => store.getState();
  /** Answers the newest load. */
  const arrive = async (patch: Partial<ModelInfo> = {}) => {
    fake.nth("model.load").resolve({ info: { ...info, ...patch }, tokenizer });
    await settle();
    await settle();
  };
  /** A model on the bench and an empty shelf; the first prompt is answered. */
  const ready = async () => {
    void state().loadModel("tinylab-gpt2-4l");
    await arrive({ id: "tinylab-gpt2-4l" });
    fake.nth("sae.list").resolve([]);
    await settle();
    fake.nth("prompt.view").resolve(viewOf("When"));
    await settle();
  };
  return { ...fake, lab, store, state, arrive, ready };
}
