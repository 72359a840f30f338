/** Worker method of traces: values at hook points, of a run that goes no further than the last of them. */
import { parseHook } from "../core/hooks.ts";
import type { TensorData } from "../core/types.ts";
import { markPadding } from "../math/padding.ts";
import type { LabApi } from "../rpc/contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { readPrompt } from "./read-prompt.ts";
import { type EditModel, resolveEdits } from "./resolve-edits.ts";
import { runInBasis } from "./run-in-basis.ts";

export async function readHooks(
  model: EditModel,
  { ids: given, names, edits, basis }: LabApi["model.readHooks"]["input"],
  signal: AbortSignal,
): Promise<[string, TensorData][]> {
  const ids = given.map((row) => readPrompt(model, { ids: row }).ids);
  const direct = await resolveEdits(model, ids, edits, { basis, signal });
  const request = { ids, names, edits: direct, logits: "none", signal } as const;
  const { cache } = await runInBasis(model, basis, request);
  const lengths = ids.map((row) => row.length);
  for (const [name, tensor] of cache) {
    const { axes } = parseHook(name, model.info.config);
    markPadding(tensor, axes[0] === "T" ? 1 : 2, lengths);
  }
  return [...cache];
}

export const traceHandlers: Pick<Handlers, "model.readHooks"> = {
  "model.readHooks": async (request, { signal }) => {
    const value = await readHooks(bench.require(), request, signal);
    return { value, transfer: value.map(([, { data }]) => data.buffer) };
  },
};
