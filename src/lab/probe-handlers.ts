/** Worker methods of probes. */
import { placeHook, type ProbePlace, type WrittenDirection } from "../core/probe.ts";
import { blockHook, SAE_SITES } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { TokenEffect } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { ProbeApi } from "../rpc/probe-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { keepProbes, loadProbes } from "../storage/probe-store.ts";
import { bench } from "./bench.ts";
import { largest, residualEffects, towardsResidual } from "./direct-effects.ts";
import { directionFiles, exportProbeSet } from "./probe-export.ts";
import { widthOf } from "./probe-harvest.ts";
import { runProbes } from "./probe-run.ts";
import { makeProbeSet } from "./probe-set.ts";

const TOKENS_SHOWN = 10;

export const probeHandlers: Pick<Handlers, keyof ProbeApi> = {
  "probe.view": async (request, { signal }) => ({
    value: (await makeProbeSet(bench.require(), request, { signal })).view,
  }),
  "probe.run": async (question, context) => ({
    value: await runProbes(bench.require(), question, context),
  }),
  "probe.export": async (request, { signal }) => ({
    value: exportProbeSet(await makeProbeSet(bench.require(), request, { signal }), request.seed),
  }),
  "probe.written": async ({ place, unit }) => ({
    value: await writtenDirection(bench.require(), place, unit),
  }),
  "probe.files": async ({ name, place, direction }) => {
    const model = bench.require();
    const written = await writtenDirection(model, place, direction.unit);
    return { value: directionFiles(model.info.id, name, place, direction, written) };
  },
  "probe.kept": async () => ({ value: await loadProbes() }),
  "probe.keep": async (kept) => {
    await keepProbes(kept);
    return { value: null };
  },
};

/** Null where what is read goes on through a product or a non-linearity. @throws LabError "shape" for a direction of another width than the place's */
export async function writtenDirection(
  model: LoadedModel,
  place: ProbePlace,
  unit: Float32Array,
): Promise<WrittenDirection | null> {
  const { config } = model.info;
  const width = widthOf(place, config);
  if (unit.length !== width) {
    throw new LabError("shape", `the direction has ${unit.length} numbers, the place ${width}`);
  }
  if (!SAE_SITES.some((site) => site === place.site)) return null;
  const hook = placeHook(place);
  const whole = new Float32Array(place.head === null ? width : width * config.n_head);
  whole.set(unit, (place.head ?? 0) * width);
  const vector = await towardsResidual(model, hook, whole);
  const effects = await residualEffects(model, vector, "raw");
  const tokens = (sign: 1 | -1): TokenEffect[] => {
    const order = largest(sign === 1 ? effects : effects.map((v) => -v), TOKENS_SHOWN);
    const strings = model.tokenizer.strings(order);
    return order.map((id, i) => ({ id, string: strings[i]!, effect: effects[id]! }));
  };
  const arrives =
    place.site === "attn.hook_z"
      ? "hook_attn_out"
      : place.site === "mlp.hook_post"
        ? "hook_mlp_out"
        : place.site;
  return {
    ...{ vector: vector.slice(), hook: blockHook(place.layer, arrives) },
    ...{ promoted: tokens(1), suppressed: tokens(-1) },
  };
}
