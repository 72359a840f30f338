/** The likeliest next tokens at a position, in TransformerLens. */
import { pyNumber } from "./literal.ts";
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

/** A position of each run, negative from the end; null where it has no token that stands for the other's. */
export type PositionOfSides = Record<"a" | "b", number | null>;

/** @param temperature τ of softmax(logits / τ) */
export function nextTokenPython(
  facts: RunFacts,
  position: PositionOfSides,
  count: number,
  temperature = 1,
): string {
  const scaled = temperature === 1 ? "" : ` / ${pyNumber(temperature)}`;
  const own = perRun(facts, ({ name, side, suffix, logits }) =>
    position[side] === null
      ? [`# ${name} has no such token`]
      : [
          `# ${name}`,
          `position${suffix} = ${position[side]}`,
          `likeliest${suffix} = ${scaled === "" ? `${logits}[0, position${suffix}]` : `(${logits}[0, position${suffix}]${scaled})`}.softmax(dim=-1).topk(${count})`,
          `for probability, token in zip(likeliest${suffix}.values.tolist(), likeliest${suffix}.indices.tolist()):`,
          '    print(f"{probability:.4f}  {model.tokenizer.decode([token])!r}")',
        ],
  );
  return pythonText([...pythonRun(facts), ...own]);
}
