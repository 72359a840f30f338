/** The roles of the task's heads: their question, and what is known of it. */
import {
  type HeadEvidence,
  ROLE_LEAST,
  type RoleLeast,
  type RolesQuestion,
} from "../../../core/head-roles.ts";
import { hasKnownSizes, isGpt2Small, KNOWN } from "../../../core/known-circuits.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { numberIn } from "../../../state/options-slice.ts";
import { type OpenTask, runPair } from "../../../state/task-slice.ts";

export function useRoles(open: OpenTask) {
  const question: RolesQuestion = {
    pairs: open.read.flatMap((pair) =>
      pair.problem === null ? [{ ...runPair(pair), places: [] }] : [],
    ),
    ...{ seed: 0, movers: null },
  };
  const key = JSON.stringify(["roles", open.stamp, question]); // other thresholds judge the same numbers
  const run = useLab((s) => s.roleRuns[key]) ?? null;
  const find = useLab((s) => s.findRoles);
  const { least } = useLeast();
  return { question, run, start: () => find(key, { ...question, least }) };
}

/** The thresholds, which travel in the link. */
export function useLeast() {
  const options = useLab((s) => s.options);
  const setOptions = useLab((s) => s.setOptions);
  const entries = LEAST_NAMES.map((name) => {
    const { least, most } = LEAST_RANGE[name];
    const text = options[`roles.${name}`];
    return [name, (text === undefined ? null : numberIn(least, most)(text)) ?? ROLE_LEAST[name]];
  });
  const all = Object.fromEntries(entries) as RoleLeast;
  const put = (name: keyof RoleLeast, value: number | null) =>
    setOptions({
      [`roles.${name}`]: value === null || value === ROLE_LEAST[name] ? null : String(value),
    });
  return {
    least: all,
    set: put,
    reset: () => LEAST_NAMES.forEach((name) => put(name, null)),
    isOwn: LEAST_NAMES.every((name) => all[name] === ROLE_LEAST[name]),
  };
}
export const LEAST_NAMES = Object.keys(ROLE_LEAST) as (keyof RoleLeast)[];
export const LEAST_RANGE: Record<keyof RoleLeast, { least: number; most: number }> = {
  ...{ diagonal: { least: 0, most: 1 }, copying: { least: 0, most: 1 } },
  ...{ correlation: { least: 0, most: 1 }, effect: { least: 0, most: 1 } },
  ...{ attention: { least: 0, most: 1 }, errors: { least: 0, most: 100 } },
};

/** The published class of a head of GPT-2 small in the IOI circuit; of no other model, and of no other task. */
export function useKnownClass(open: OpenTask, config: Gpt2Config) {
  const isIoi = KNOWN.ioi.tasks.some((task) => task === open.choice);
  const isSmall = hasKnownSizes(config) && isGpt2Small(open.model);
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
