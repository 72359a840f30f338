/** `lab.model.steer`, `.scoreText` and `.doseResponse`: the numbers under the Steer lab. Rows are those of `core/steer.ts`. */
import type {
  SteerAttention,
  SteerEffect,
  SteerFacts,
  SteerRow,
  SteerSpec,
} from "../core/steer.ts";
import type { Prediction } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { LabApi } from "../rpc/contract.ts";
import type { PromptInput } from "../rpc/procedure.ts";

export interface SteerMethods {
  /** The next-token distribution, plain and steered, and what each row does to the prompt. */
  steer(
    prompt: PromptInput,
    options: { steer: SteerSpec; topK: number; signal?: AbortSignal },
  ): Promise<{ plain: Prediction; steered: Prediction; rows: (SteerFacts | null)[] }>;
  /** ln p of each token of a continuation, plain and steered. */
  scoreText(
    prompt: PromptInput,
    options: { tokens: readonly number[]; steer: SteerSpec; signal?: AbortSignal },
  ): Promise<{ plain: number[]; steered: number[] }>;
  /** What each of many settings does to the prompt's end. */
  doseResponse(
    prompt: PromptInput,
    options: {
      settings: readonly (readonly SteerRow[])[];
      /** @default "free" */
      attention?: SteerAttention;
      /** Token ids whose chances are told. @default none */
      tokens?: readonly number[];
      /** Whose perplexity is told. @default the prompt's */
      text?: PromptInput | null;
      signal?: AbortSignal;
      onProgress?: (progress: LabApi["steer.effects"]["progress"]) => void;
    },
  ): Promise<SteerEffect[]>;
}

export const steerMethods = (client: LabClient): SteerMethods => ({
  steer: (prompt, { steer, topK, signal }) =>
    client.call("prompt.steer", { prompt, steer, topK }, { signal }),
  scoreText: (prompt, { tokens, steer, signal }) =>
    client.call("steer.score", { prompt, tokens: [...tokens], steer }, { signal }),
  doseResponse: (prompt, options) => {
    const { settings, attention = "free", tokens = [], text = null, signal, onProgress } = options;
    return client.call(
      "steer.effects",
      {
        ...{ prompt, attention, text, tokens: [...tokens] },
        settings: settings.map((rows) => [...rows]),
      },
      { signal, onProgress },
    );
  },
});
