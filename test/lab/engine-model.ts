/** The engine in Node as the model on the bench: what the lab's experiments run on in unit tests. */
import { hookNames } from "../../src/core/hooks.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import type { Tokenizer } from "../../src/text/tokenizer.ts";
import type { NodeEngine } from "../model/node-engine.ts";

/** A tokenizer that reads nothing: token ids are given. */
const NO_TEXT: Tokenizer = {
  encode: () => ({ ids: [], warnings: [] }),
  strings: (ids) => ids.map(String),
  decode: String,
};

export function engineAsModel(
  { config, runner, weight }: NodeEngine,
  info: Partial<ModelInfo> = {},
  tokenizer: Tokenizer = NO_TEXT,
): LoadedModel {
  return {
    ...runner,
    info: {
      ...{
        id: "made-up",
        source: "files",
        revision: null,
        commit: null,
        hub: null,
        rounded: false,
      },
      ...{
        config,
        device: "wasm",
        deviceReason: "Node",
        threads: 1,
        parameters: 1,
        weightBytes: 4,
      },
      ...{ hooks: hookNames(config), warnings: [] },
      ...info,
    },
    tokenizer,
    tokenizerFiles: { json: "", config: "" },
    weight: (name) => Promise.resolve().then(() => ({ data: weight(name), dims: [] })),
    gpu: null,
    lost: null,
    dispose: () => Promise.resolve(),
  };
}
