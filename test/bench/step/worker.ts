/** Measures one question and ends. */
import { measure, type StepQuestion } from "./measure.ts";

onmessage = async ({ data }: MessageEvent<{ question: StepQuestion; base: string }>) => {
  try {
    postMessage(await measure(data.question, data.base));
  } catch (e) {
    postMessage({ error: e instanceof Error ? (e.stack ?? e.message) : String(e) });
  }
};
