/** The likeliest next tokens at a position, in TransformerLens. */
import { pyNumber } from "./literal.ts";
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

/** @param position of the first run; a second prompt's is its last @param temperature τ of softmax(logits / τ) */
export function nextTokenPython(
  facts: RunFacts,
  position: number,
  count: number,
  temperature = 1,
): string {
  const scaled = temperature === 1 ? "" : ` / ${pyNumber(temperature)}`;
  const own = perRun(facts, ({ name, side, suffix, logits }) => [
    `# ${name}`,
    `position${suffix} = ${side === "b" && facts.other !== null ? -1 : position}`,
    `likeliest${suffix} = ${scaled === "" ? `${logits}[0, position${suffix}]` : `(${logits}[0, position${suffix}]${scaled})`}.softmax(dim=-1).topk(${count})`,
    `for probability, token in zip(likeliest${suffix}.values.tolist(), likeliest${suffix}.indices.tolist()):`,
    '    print(f"{probability:.4f}  {model.tokenizer.decode([token])!r}")',
  ]);
  return pythonText([...pythonRun(facts), ...own]);
}
