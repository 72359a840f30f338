/** Python of the attention figures: patterns, raw scores, and weights times what they move, of every head. */
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

export interface AttentionPython {
  shown: "pattern" | "scores" | "value" | "output";
  /** One head, or a mean of them (null: over all of them); or a whole set: every head, each layer's mean … */
  of: { layer: number | null; head: number | null } | "each" | "layer" | "index" | "all";
}

const WORDS = {
  pattern: "attention weights",
  scores: "scores before softmax, -inf where masked",
  value: "A[q, k] * |v[k]|",
  output: "A[q, k] * |v[k] W_O| (Kobayashi et al. 2020, each head by itself)",
} as const;

export function attentionPython(facts: RunFacts, { shown, of }: AttentionPython): string {
  const lines = perRun(
    facts,
    ({ cache, suffix, name }) => [
      `# ${name}: ${WORDS[shown]}; [layer, head, query, key]`,
      ...squares(shown, cache, suffix),
      ...chosen(of, `drawn${suffix}`),
      `print(drawn${suffix}.shape)`,
      "",
    ],
    (a, b) =>
      facts.other === null
        ? [`difference = drawn${b.suffix} - drawn${a.suffix}`]
        : ["# The app aligns equal tokens of the two prompts before it takes the difference."],
  );
  return pythonText([...pythonRun(facts), ...lines]);
}

function squares(shown: AttentionPython["shown"], cache: string, suffix: string): string[] {
  const stacked = (site: string) => `${cache}.stack_activation("${site}")[:, 0]`;
  const drawn = `drawn${suffix}`;
  if (shown === "pattern") return [`${drawn} = ${stacked("pattern")}`];
  if (shown === "scores") return [`${drawn} = ${stacked("attn_scores")}`];
  const written =
    shown === "value"
      ? `values${suffix}`
      : `torch.einsum("lkhd,lhdm->lkhm", values${suffix}, model.W_O)`;
  return [
    `values${suffix} = ${stacked("v")}  # [layer, key, head, d_head]`,
    `lengths${suffix} = ${written}.norm(dim=-1).permute(0, 2, 1)  # [layer, head, key]`,
    `${drawn} = ${stacked("pattern")} * lengths${suffix}[:, :, None, :]`,
  ];
}

function chosen(of: AttentionPython["of"], drawn: string): string[] {
  const only = (what: string) => [`${drawn} = ${drawn}${what}`];
  if (of === "each") return [];
  if (of === "layer") return only(".mean(dim=1)  # [layer, query, key]");
  if (of === "index") return only(".mean(dim=0)  # [head, query, key]");
  if (of === "all") return only(".mean(dim=(0, 1))  # [query, key]");
  const { layer, head } = of;
  if (layer !== null && head !== null) return only(`[${layer}, ${head}]`);
  if (layer !== null) return only(`[${layer}].mean(dim=0)`);
  return only(head === null ? ".mean(dim=(0, 1))" : `[:, ${head}].mean(dim=0)`);
}
