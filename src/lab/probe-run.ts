/** A sweep of probes over places: the texts are run once for as many places as fit in memory, then each place is judged. */
import type { ProbeAnswer, ProbeProgress, ProbeQuestion } from "../core/probe.ts";
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { harvestCases, passesOf, widthOf } from "./probe-harvest.ts";
import { judgeProbe, planOf } from "./probe-judge.ts";
import { exampleOf, makeProbeSet, type ProbeSet } from "./probe-set.ts";

type Model = Pick<LoadedModel, "info" | "tokenizer" | "run">;
interface Context {
  signal: AbortSignal;
  progress: (told: ProbeProgress) => void;
  /** For tests. @default what the request says */
  set?: ProbeSet;
}
/** Of activations at a time. */
const BYTES = 2 ** 27;
const MOST_SHUFFLES = 20;

/** @throws LabError "bad-input" for places that there are not, or labels that say nothing */
export async function runProbes(
  model: Model,
  question: ProbeQuestion,
  { signal, progress, set: given }: Context,
): Promise<ProbeAnswer> {
  const began = performance.now();
  const { places, read, loss, request } = question;
  checkQuestion(question);
  const { config } = model.info;
  places.forEach((place) => widthOf(place, config));
  const set = given ?? (await makeProbeSet(model, request, { signal }));
  if (set.labels.kind === "numbers" && loss === "logistic") {
    throw new LabError("bad-input", "these labels are numbers: choose the linear probe");
  }
  const plan = planOf(set, question);
  const passes = passesOf(places, set.cases.length, config, BYTES);
  const texts = new Set(set.cases.map(({ text }) => text)).size;
  let judged = 0;
  for (const [i, pass] of passes.entries()) {
    const harvested = await harvestCases(model, set, pass, read, {
      signal,
      progress: (done) =>
        progress({
          ...{ stage: "reading", done: i * texts + done, total: passes.length * texts },
          ...{ secondsLeft: null, result: null },
        }),
    });
    const start = performance.now();
    for (const [j, one] of harvested.entries()) {
      const { result, wrong } = await judgeProbe(set, one, plan, loss, signal);
      judged++;
      const each = (performance.now() - start) / 1000 / (j + 1);
      progress({
        ...{ stage: "fitting", done: judged, total: places.length },
        secondsLeft: each * (places.length - judged),
        result: {
          ...result,
          wrong: wrong.map(({ n, told, by }) => ({ ...exampleOf(model, set, n), told, by })),
        },
      });
    }
  }
  return { view: set.view, seconds: (performance.now() - began) / 1000 };
}

function checkQuestion({ places, folds, shuffles }: ProbeQuestion): void {
  if (places.length === 0) throw new LabError("bad-input", "choose a place to probe");
  if (![1, 5].includes(folds)) throw new LabError("bad-input", `folds are 1 or 5, not ${folds}`);
  if (!Number.isInteger(shuffles) || shuffles < 0 || shuffles > MOST_SHUFFLES) {
    throw new LabError(
      "bad-input",
      `labels are shuffled 0 … ${MOST_SHUFFLES} times, not ${shuffles}`,
    );
  }
}
