/** The likeliest next tokens at a position, in TransformerLens. */
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

/** @param position of the first run; a second prompt's is its last */
export function nextTokenPython(facts: RunFacts, position: number, count: number): string {
  const own = perRun(facts, ({ name, side, suffix, logits }) => [
    `# ${name}`,
    `position${suffix} = ${side === "b" && facts.other !== null ? -1 : position}`,
    `likeliest${suffix} = ${logits}[0, position${suffix}].softmax(dim=-1).topk(${count})`,
    `for probability, token in zip(likeliest${suffix}.values.tolist(), likeliest${suffix}.indices.tolist()):`,
    '    print(f"{probability:.4f}  {model.tokenizer.decode([token])!r}")',
  ]);
  return pythonText([...pythonRun(facts), ...own]);
}
