/** Where in the residual stream: its hook points in the order of the computation. */
import { STREAM_SITES } from "../core/direction.ts";
import { blockHook } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import { Select } from "./field.tsx";
import { hookLabel } from "./hook-label.ts";

export const streamHooks = ({ n_layer }: Gpt2Config): string[] =>
  Array.from({ length: n_layer }, (_, layer) =>
    STREAM_SITES.map((site) => blockHook(layer, site)),
  ).flat();

/** After the middle block: where directions are looked for first. */
export const middleHook = ({ n_layer }: Gpt2Config): string =>
  blockHook(Math.floor((n_layer - 1) / 2), "hook_resid_post");

export interface StreamHookProps {
  config: Gpt2Config;
  value: string;
  onChange: (hook: string) => void;
}
export function StreamHook({ config, value, onChange }: StreamHookProps) {
  const options = streamHooks(config).map((hook) => ({ value: hook, label: hookLabel(hook) }));
  return <Select label="Hook point" value={value} options={options} onChange={onChange} />;
}
