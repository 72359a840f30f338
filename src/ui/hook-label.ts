/** Hook points in words, for people who do not know TransformerLens's names by heart. */

const SITES: Readonly<Record<string, (layer: string) => string>> = {
  hook_resid_pre: (l) => `Residual stream before block ${l}`,
  "attn.hook_z": (l) => `Attention heads of block ${l}, side by side`,
  hook_attn_out: (l) => `Attention output of block ${l}`,
  hook_resid_mid: (l) => `Residual stream between attention and MLP of block ${l}`,
  "mlp.hook_post": (l) => `MLP neurons of block ${l}`,
  "ln2.hook_normalized": (l) => `MLP input of block ${l}, after its LayerNorm`,
  hook_mlp_out: (l) => `MLP output of block ${l}`,
  hook_resid_post: (l) => `Residual stream after block ${l}`,
};

/** Words for a hook point; its own name where there are none. Blocks count from 0, as in the names. */
export function hookLabel(hook: string): string {
  const [, layer, site] = /^blocks\.(\d+)\.(.+)$/.exec(hook) ?? [];
  const words = site === undefined || !Object.hasOwn(SITES, site) ? undefined : SITES[site];
  return words && layer !== undefined ? words(layer) : hook;
}
