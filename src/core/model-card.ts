/** The README.md of an edited checkpoint: where it is from and every change, in the Hub's form for model cards. */
import { type EditedModel, weightEditName, type WeightEdit } from "./model-edit.ts";

/** @see https://huggingface.co/docs/hub/model-cards */
export function modelCard({ name, base, edits }: EditedModel): string {
  const active = edits.filter(({ on }) => on);
  const at = base.commit ?? base.revision;
  return [
    "---",
    "library_name: transformers",
    "pipeline_tag: text-generation",
    ...(base.source === "hub" ? [`base_model: ${base.id}`] : []),
    "tags:",
    "- gpt2",
    "- interpretability",
    "- model-editing",
    "---",
    "",
    `# ${oneLine(name)}`,
    "",
    `${oneLine(base.id)}${at === null ? "" : ` (${at})`} with ${active.length} ${active.length === 1 ? "edit" : "edits"} of its weights, made in Glassroom, in this order.`,
    "Every tensor keeps its name, dtype and shape; numbers that no edit names are the base's, bit by bit.",
    "",
    ...active.map(
      (edit, i) => `${i + 1}. ${oneLine(weightEditName(edit))}. ${oneLine(details(edit))}`,
    ),
    ...(active.length === 0 ? ["None."] : []),
    "",
    "```python",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    'model = AutoModelForCausalLM.from_pretrained("path/of/this/folder")',
    'tokenizer = AutoTokenizer.from_pretrained("path/of/this/folder")',
    "```",
    "",
  ].join("\n");
}

/** What was done to which numbers, in words. */
export function details(edit: WeightEdit): string {
  switch (edit.kind) {
    case "scale":
      return edit.target.kind === "attn" || edit.target.kind === "mlp"
        ? `Its output matrix and bias times ${edit.factor}`
        : `Its rows of the output matrix times ${edit.factor}; the layer's bias stays`;
    case "mean":
      return `Its rows of the output matrix are 0, and the layer's output bias has its mean over ${edit.contexts} contexts of text`;
    case "bias":
      return `A vector of length ${norm(edit.vector, edit.amount)} added to the bias before ${edit.hook}${edit.head === undefined ? "" : ` of head ${edit.head}`}`;
    case "tuned": {
      const [before, after] = edit.heldOut ?? edit.loss;
      const on = edit.heldOut ? "held-out examples" : "its examples";
      return (
        `${edit.parameters.toLocaleString("en-US")} numbers trained on ${edit.examples} ${edit.examples === 1 ? "example" : "examples"}, step ${edit.step}: ` +
        `loss on ${on} ${before.toFixed(3)} → ${after.toFixed(3)} nats`
      );
    }
  }
}
const norm = (vector: readonly number[], amount: number) =>
  Number((Math.abs(amount) * Math.hypot(...vector)).toPrecision(4));
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
