/** The model and its graph of edges in Node, as the lab has them on the bench. */
import type { EdgeBench } from "../../src/lab/edge-runs.ts";
import { nodeEdges, nodeEngine } from "../model/node-engine.ts";
import { engineAsModel } from "./engine-model.ts";

export async function edgeBench(config: string, weights: Uint8Array) {
  const [engine, edges] = [await nodeEngine(config, weights), await nodeEdges(config, weights)];
  const model: EdgeBench = { ...engineAsModel(engine), edges };
  const release = async () => {
    await engine.release();
    await edges.release();
  };
  return { engine, model, release };
}
