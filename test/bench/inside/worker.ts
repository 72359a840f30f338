/** Measures one question and ends. */
import { setAppBase } from "../../../src/core/app-url.ts";
import { measureHarvest, type HarvestAnswer, type HarvestQuestion } from "./harvest.ts";
import { measureStep, type StepAnswer, type StepQuestion } from "./step.ts";

export interface Questions {
  step: StepQuestion;
  harvest: HarvestQuestion;
}
export interface Answers {
  step: StepAnswer;
  harvest: HarvestAnswer;
}
type Message = {
  [K in keyof Questions]: { kind: K; question: Questions[K]; base: string };
}[keyof Questions];

onmessage = async ({ data }: MessageEvent<Message>) => {
  try {
    setAppBase(data.base);
    const answer =
      data.kind === "step" ? await measureStep(data.question) : await measureHarvest(data.question);
    postMessage({ answer });
  } catch (e) {
    postMessage({ error: e instanceof Error ? (e.stack ?? e.message) : String(e) });
  }
};
