/** Tasks that are built by the worker's help: from typed templates, and from cases that the model gets right and wrong. */
import type { LabModel } from "../api/lab.ts";
import { LabError } from "../core/lab-error.ts";
import { casePair, type Case, matchCases } from "../core/task-cases.ts";
import type { MadeTask, ReadPair, Task, TaskRequest } from "../core/task.ts";

export const fromTemplates = (model: LabModel, request: TaskRequest): Promise<MadeTask> =>
  model.makeTask(request);

/** @throws LabError "bad-input" if no wrong case has a right one of as many tokens */
export async function fromCases(
  model: LabModel,
  right: readonly Case[],
  wrong: readonly Case[],
): Promise<{ task: Task; unmatched: readonly string[] }> {
  const prompts = [...right, ...wrong];
  const read = await model.readTask({
    ...{ name: "", prependBos: true },
    pairs: prompts.map(({ prompt, answers }) => ({
      ...{ clean: prompt, corrupted: prompt, answers, wrong: [], roles: [] },
    })),
  });
  const withIds = (list: readonly Case[], from: number) =>
    list.map(({ answers }, i) => ({ ids: read[from + i]!.clean.ids, answers }));
  const matches = matchCases(withIds(right, 0), withIds(wrong, right.length));
  const unmatched = wrong.filter((_, i) => matches[i] === null).map(({ prompt }) => prompt);
  if (unmatched.length === wrong.length) {
    throw new LabError(
      "bad-input",
      `no right case has as many tokens as a wrong one (${tokensOf(read, right.length)}); write them alike`,
    );
  }
  const says = await likeliest(model, read.slice(right.length));
  const pairs = wrong.flatMap((one, i) => {
    const match = matches[i];
    return match === null || match === undefined ? [] : [casePair(right[match]!, one, says[i]!)];
  });
  return { task: { name: "The model gets this wrong", prependBos: true, pairs }, unmatched };
}

const tokensOf = (read: readonly ReadPair[], right: number): string => {
  const count = (list: readonly ReadPair[]) => list.map(({ clean }) => clean.ids.length).join(", ");
  return `right: ${count(read.slice(0, right))}; wrong: ${count(read.slice(right))}`;
};

/** What the model finds likeliest after each prompt. */
async function likeliest(model: LabModel, read: readonly ReadPair[]): Promise<string[][]> {
  const found = await model.taskBaseline(
    read.map(({ clean: { ids } }) => ({
      ...{ clean: ids, corrupted: ids, answers: [ids.at(-1)!], wrong: [] },
    })),
  );
  return found.map(({ clean }) => [clean.top[0]!.string]);
}
