/** A fake lab for the slices of SAEs, training and steering: every call waits until the test answers it. */
import { create } from "zustand";
import { createLab, type Lab, type LabModel } from "../../src/api/lab.ts";
import type { FeatureTable, SaeSummary, TrainProgress } from "../../src/core/sae.ts";
import type { TrainPoint } from "../../src/core/train-point.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { hookNames } from "../../src/core/hooks.ts";
import type { CallOptions, LabClient } from "../../src/rpc/client.ts";
import type { LabApi, Method } from "../../src/rpc/contract.ts";
import { createAnswersSlice } from "../../src/state/answers-slice.ts";
import { createImportSlice } from "../../src/state/import-slice.ts";
import { createSaeSlice } from "../../src/state/sae-slice.ts";
import { createDoseSlice } from "../../src/state/dose-slice.ts";
import { createOptionsSlice } from "../../src/state/options-slice.ts";
import { createSteerKeepSlice } from "../../src/state/steer-keep-slice.ts";
import { createSteerSlice } from "../../src/state/steer-slice.ts";
import { createSteerTextSlice } from "../../src/state/steer-text-slice.ts";
import { steerMethods } from "../../src/api/steer.ts";
import type { Store } from "../../src/state/store.ts";
import { createPlannerSlice } from "../../src/state/planner-slice.ts";
import { createTextsSlice } from "../../src/state/texts-slice.ts";
import { createTrainSlice } from "../../src/state/train-slice.ts";
import { LabError } from "../../src/core/lab-error.ts";

export interface FakeCall {
  method: Method;
  input: unknown;
  signal: AbortSignal | undefined;
  progress: (value: unknown) => void;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/** A client that answers when told to. Like the real one, it rejects at once when the caller aborts. */
export function fakeClient() {
  const calls: FakeCall[] = [];
  const client: LabClient = {
    call: <M extends Method>(method: M, input: LabApi[M]["input"], options: CallOptions<M> = {}) =>
      new Promise<LabApi[M]["output"]>((resolve, reject) => {
        const { signal } = options;
        signal?.addEventListener("abort", () => reject(new LabError("cancelled", "cancelled")));
        calls.push({
          ...{ method, input, signal, reject },
          progress: (value) => options.onProgress?.(value as never),
          resolve: (value) => resolve(value as never),
        });
      }),
  };
  /** The nth call of a method so far, from its end when negative. */
  const nth = (method: Method, n = -1): FakeCall => {
    const call = calls.filter((c) => c.method === method).at(n);
    if (!call)
      throw new Error(`no call ${n} of ${method}; called: ${calls.map((c) => c.method).join()}`);
    return call;
  };
  const count = (method: Method) => calls.filter((c) => c.method === method).length;
  return { client, nth, count };
}

/** Lets every waiting promise callback run. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

const sampling = {
  maxNewTokens: 8,
  temperature: 1,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 0,
};
const config: Gpt2Config = {
  ...{ n_layer: 4, n_head: 2, n_embd: 6, n_inner: 24, n_positions: 16, vocab_size: 50 },
  ...{ layer_norm_epsilon: 1e-5, activation_function: "gelu_new", bos_token_id: 49 },
  ...{ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false },
};
export const info: ModelInfo = {
  ...{ id: "tiny", source: "embedded", revision: null, commit: null, hub: null, rounded: false },
  ...{ config, device: "wasm", deviceReason: "" },
  ...{ threads: 1, parameters: 1, weightBytes: 4, hooks: hookNames(config), warnings: [] },
};

export const summary = (id: string, patch: Partial<SaeSummary> = {}): SaeSummary => ({
  ...{ id, name: id.toUpperCase(), request: null, metrics: null, trainedTokens: 9, bytes: 1 },
  ...{ status: "finished", origin: "trained", createdAt: "2026-01-01", hasDashboards: true },
  config: {
    ...{ variant: "standard", dIn: 6, dSae: 3, k: null, hook: "blocks.1.hook_resid_post" },
    ...{ modelId: "tiny", applyBDecToInput: false, prependBos: true, contextSize: 16 },
  },
  ...patch,
});
export const table = (saeId: string): FeatureTable => ({
  saeId,
  tokens: 100,
  rows: [
    { feature: 0, density: 0.5, max: 2, lastFired: 99 },
    { feature: 1, density: 0, max: 0, lastFired: null },
    { feature: 2, density: 0.1, max: 7, lastFired: 40 },
  ],
});
export const point = (step: number): TrainPoint => ({
  ...{ step, tokens: step * 10, reconstructionLoss: 1 / step, sparsityLoss: 0.5, l0: 20 },
  ...{ explainedVariance: 0.5, deadShare: 0, dead: 0, dense: 0, tokensPerSecond: 1000 },
  ...{ lossParts: [0.5], gradientNorm: 1, biasDistance: 0.1 },
});
export const progress = (runId: string, points: TrainPoint[] = []): TrainProgress => ({
  ...{ runId, status: "running", step: points.at(-1)?.step ?? 0, tokens: 0, totalTokens: 100 },
  ...{ secondsLeft: null, points, dashboardShare: 0 },
});

/** A store of these three slices, with the parts of the others that they use. */
export function fakeBench() {
  const fake = fakeClient();
  const lab: Lab = createLab(fake.client);
  const model = {
    ...steerMethods(fake.client),
    generate: (what, { steer = null, signal, onToken, ...own } = {}) =>
      fake.client.call(
        "model.generate",
        {
          prompt: { text: String(what), prependBos: true },
          ...{ edits: [], basis: "raw", steer, stop: [], begun: [], alternatives: 0 },
          sampling: { ...sampling, seed: own.seed ?? 0 },
        },
        { signal, onProgress: onToken },
      ),
  } satisfies Partial<LabModel>;
  const withModel = { ...lab, model: model as unknown as LabModel };
  const refreshed: (string | null)[] = [];
  const store = create<Store>()(
    (...a) =>
      ({
        text: "Once",
        prependBos: true,
        model: { status: "idle" },
        setText: (text: string) => a[0]({ text }),
        setPrependBos: (prependBos: boolean) => a[0]({ prependBos }),
        prompt: () => ({ text: a[1]().text, prependBos: true }),
        refreshPrompt: async () => void refreshed.push(a[1]().saeId),
        ...createSaeSlice(withModel)(...a),
        ...createAnswersSlice(withModel)(...a),
        ...createImportSlice(withModel)(...a),
        ...createTrainSlice(withModel)(...a),
        ...createTextsSlice(withModel)(...a),
        ...createPlannerSlice(withModel)(...a),
        ...createOptionsSlice(withModel)(...a),
        ...createSteerSlice(withModel)(...a),
        ...createSteerTextSlice(withModel)(...a),
        ...createDoseSlice(withModel)(...a),
        ...createSteerKeepSlice(withModel)(...a),
      }) as unknown as Store,
  );
  /** A bench with the model loaded, SAE "a" chosen and its feature list there. */
  const ready = async (saes = [summary("a"), summary("b", { createdAt: "2025-01-01" })]) => {
    store.setState({ model: { status: "ready", value: info } });
    fake.nth("sae.list").resolve(saes);
    await settle();
    fake.nth("sae.features").resolve(table("a"));
    await settle();
  };
  return { ...fake, store, state: () => store.getState(), refreshed, ready };
}
