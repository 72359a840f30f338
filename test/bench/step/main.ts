/** The page of the step's bench: passes questions to its worker, since training runs in a worker in the app too. */
import type { StepAnswer, StepQuestion } from "./measure.ts";

declare global {
  interface Window {
    measureStep: (question: StepQuestion) => Promise<StepAnswer>;
  }
}

window.measureStep = (question) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<StepAnswer | { error: string }>) => {
      worker.terminate();
      if ("error" in data) reject(new Error(data.error));
      else resolve(data);
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ question, base: new URL("./", document.baseURI).href });
  });
