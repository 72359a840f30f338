/** Measures one question and ends. */
import { setAppBase } from "../../../src/core/app-url.ts";
import { type CircuitsAnswer, type CircuitsQuestion, measureCircuits } from "./circuits.ts";
import { measureEngine, type EngineAnswer, type EngineQuestion } from "./engine.ts";
import { measureHarvest, type HarvestAnswer, type HarvestQuestion } from "./harvest.ts";
import { measureStep, type StepAnswer, type StepQuestion } from "./step.ts";

export interface Questions {
  step: StepQuestion;
  harvest: HarvestQuestion;
  engine: EngineQuestion;
  circuits: CircuitsQuestion;
}
export interface Answers {
  step: StepAnswer;
  harvest: HarvestAnswer;
  engine: EngineAnswer;
  circuits: CircuitsAnswer;
}
type Message = {
  [K in keyof Questions]: { kind: K; question: Questions[K]; base: string };
}[keyof Questions];

/** Every memory that WebAssembly is given here. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(Memory, [descriptor]: [WebAssembly.MemoryDescriptor]) {
    const memory = new Memory(descriptor);
    memories.push(memory);
    return memory;
  },
});
const heapBytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

function answer(message: Message): Promise<Answers[keyof Answers]> {
  if (message.kind === "step") return measureStep(message.question);
  if (message.kind === "harvest") return measureHarvest(message.question);
  if (message.kind === "circuits") return measureCircuits(message.question);
  return measureEngine(message.question, heapBytes);
}

onmessage = async ({ data }: MessageEvent<Message>) => {
  try {
    setAppBase(data.base);
    postMessage({ answer: await answer(data) });
  } catch (e) {
    postMessage({ error: e instanceof Error ? (e.stack ?? e.message) : String(e) });
  }
};
