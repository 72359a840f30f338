/** The roles of the task's heads: their question, and what is known of it. */
import { type HeadEvidence, type RolesQuestion } from "../../../core/head-roles.ts";
import { hasKnownSizes, KNOWN } from "../../../core/known-circuits.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { type OpenTask, runPair } from "../../../state/task-slice.ts";

export function useRoles(open: OpenTask) {
  const question: RolesQuestion = {
    pairs: open.read.flatMap((pair) =>
      pair.problem === null ? [{ ...runPair(pair), places: [] }] : [],
    ),
    ...{ seed: 0, movers: null },
  };
  const key = JSON.stringify(["roles", open.model, question]);
  const run = useLab((s) => s.roleRuns[key]) ?? null;
  const find = useLab((s) => s.findRoles);
  return { run, start: () => find(key, question) };
}

/** The published class of a head of GPT-2 small in the IOI circuit; of no other model, and of no other task. */
export function useKnownClass(open: OpenTask, config: Gpt2Config) {
  const isIoi = KNOWN.ioi.tasks.some((task) => task === open.choice);
  const isSmall = hasKnownSizes(config) && /(^|\/)gpt2$/.test(open.model);
  const there = isIoi && isSmall;
  return {
    there,
    why: there
      ? null
      : !isSmall
        ? "No reference exists for this model: the published heads are GPT-2 small’s."
        : "No reference exists for this task: the published heads are of the indirect object.",
    classOf: ({ layer, head }: Pick<HeadEvidence, "layer" | "head">) =>
      there
        ? (KNOWN.ioi.circuit.classes.find(({ heads }) =>
            heads.some((one) => one.layer === layer && one.head === head),
          )?.name ?? null)
        : null,
  };
}
