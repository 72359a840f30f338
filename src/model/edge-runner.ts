/** Runs the graph in which edges can be cut. */
import type { Gpt2Config } from "../core/types.ts";
import type { EdgeCuts } from "./edge-feeds.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import { type Runtime, toTensorData } from "./runtime.ts";

export interface EdgeRequest {
  /** B rows; shorter ones are filled up on the right, where their own tokens cannot look. */
  ids: readonly (readonly number[])[];
  cuts: EdgeCuts;
  signal?: AbortSignal;
}
export interface EdgeRunner {
  /** Logits after the last token of each row, [B, V]. @throws LabError "shape" for cuts that do not fit */
  run(request: EdgeRequest): Promise<Float32Array>;
}

export function createEdgeRunner(
  { session, Tensor }: Pick<Runtime, "session" | "Tensor">,
  config: Gpt2Config,
): EdgeRunner {
  const prepare = createFeeds(Tensor, config);
  return {
    async run({ ids, cuts }) {
      const T = checkIds(ids, config, 0);
      const { feeds } = prepare({
        ids,
        window: { start: 0, count: T, lengths: ids.map((row) => row.length), limit: 0 },
        ...{ edits: [], names: [], toTheEnd: true, share: true, cuts },
        logitRows: (at) => at.map((row, i) => row * T + ids[i]!.length - 1),
      });
      const out = await session.run(feeds, ["logits"]);
      return toTensorData(out["logits"]!).data;
    },
  };
}
