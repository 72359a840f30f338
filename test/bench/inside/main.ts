/** The page of the bench's parts: passes a question to a worker of its own, since the parts run in a worker in the app. */
import type { Answers, Questions } from "./worker.ts";

declare global {
  interface Window {
    measure: <K extends keyof Questions>(kind: K, question: Questions[K]) => Promise<Answers[K]>;
  }
}

window.measure = (kind, question) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<{ answer: never } | { error: string }>) => {
      worker.terminate();
      if ("error" in data) reject(new Error(data.error));
      else resolve(data.answer);
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ kind, question, base: new URL("./", document.baseURI).href });
  });
