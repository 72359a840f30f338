/**
 * The model on the bench together with the one whose edges can be cut. That one is opened when it is first needed, which takes a
 * second copy of the weights, and closed when nobody needs it any more.
 */
import { type EdgeModel, openEdgeModel } from "../model/edge-model.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { bench } from "./bench.ts";
import { benchCheckpoint } from "./bench-checkpoint.ts";
import type { EdgeBench } from "./edge-runs.ts";

interface Open {
  of: LoadedModel;
  edges: Promise<EdgeModel>;
  users: number;
}
let open: Open | null = null;

export async function withEdges<T>(
  signal: AbortSignal,
  work: (model: EdgeBench) => Promise<T>,
): Promise<T> {
  const model = bench.require();
  if (open?.of !== model) open = { of: model, edges: opened(model, signal), users: 0 };
  const own = open;
  own.users++;
  try {
    return await work({ ...model, edges: await own.edges });
  } finally {
    if (--own.users === 0) {
      if (open === own) open = null;
      await own.edges.then(
        (edges) => edges.dispose(),
        () => undefined, // it was never there; whoever asked has been told
      );
    }
  }
}

const opened = async ({ info }: LoadedModel, signal: AbortSignal): Promise<EdgeModel> =>
  openEdgeModel(await benchCheckpoint(signal), info.device, signal);
