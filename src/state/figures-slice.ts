/**
 * The numbers under the figures. A figure on the screen asks for them (`useFigure`, `useStudy`), and asks again when the
 * prompt, the edits, the basis, the model or its own options change. The last answer stays until the next is there.
 */
import { useEffect } from "react";
import { type LabError, toLabError } from "../core/lab-error.ts";
import type {
  FigureName,
  FigureOptions,
  FigureProgress,
  FigureValue,
  LabModel,
  StudyName,
  StudyOptions,
  StudyProgress,
  StudyValue,
} from "../api/lab.ts";
import { type RunSpec, runs } from "./compare-slice.ts";
import { useLab } from "./context.ts";
import type { ModelSlice } from "./model-slice.ts";
import type { Slice } from "./store.ts";

/** What was found for the two sides of a comparison, or for the only one. */
export interface Sides<T> {
  a: T;
  b: T | null;
}
/** How a question to the worker stands. */
export interface Asked<T, P> {
  /** What the answer on show is an answer to; null before the first. */
  shown: T | null;
  running: boolean;
  progress: P | null;
  /** Of a figure: what was told last of each side of the question that is, or was last, under way; nothing once it is answered. */
  told: Sides<P | null>;
  /** Whether the last question was given up on request. */
  stopped: boolean;
  error: LabError | null;
  /** The bench's model as it stood when what is shown was asked. */
  model: ModelSlice["model"] | null;
}
const NOTHING = { a: null, b: null };
const NEW: Asked<never, null> = {
  ...{ shown: null, running: false, progress: null, error: null },
  ...{ told: NOTHING, stopped: false, model: null },
};

export interface FiguresSlice {
  /** By "figure.…" or "study.…". Read it through `useFigure` and `useStudy`, which know the types. */
  asked: Readonly<Record<string, Asked<unknown, unknown>>>;
  askFigure: <F extends FigureName>(name: F, options: FigureOptions<F>) => void;
  askStudy: <S extends StudyName>(name: S, options: StudyOptions<S>) => void;
  /** Stops what is computed; what is shown stays. */
  stopAsking: (name: `figure.${FigureName}` | `study.${StudyName}`) => void;
}

/** An answer that comes this soon is waited for, so that a figure follows the typing; a later one is given up. */
const PATIENCE = 400; // milliseconds

type Tell = (progress: unknown, side?: keyof Sides<unknown>) => void;
type Work = (model: LabModel, signal: AbortSignal, tell: Tell) => Promise<unknown>;
interface Question {
  key: string;
  model: LabModel;
  work: Work;
}
interface Open extends Question {
  abort: AbortController;
  since: number;
}

export const createFiguresSlice: Slice<FiguresSlice> = (lab) => (set, get) => {
  const open = new Map<string, Open>();
  const waiting = new Map<string, Question>();
  /** The question that the shown answer, or error, belongs to. */
  const answered = new Map<string, Question>();

  const put = (name: string, patch: Partial<Asked<unknown, unknown>>) => {
    const { asked } = get();
    set({ asked: { ...asked, [name]: { ...(asked[name] ?? NEW), ...patch } } });
  };
  const same = (a: Question | undefined, b: Question) => a?.key === b.key && a.model === b.model;

  const start = async (name: string, question: Question) => {
    const mine: Open = { ...question, abort: new AbortController(), since: performance.now() };
    open.set(name, mine);
    const isOpen = () => open.get(name) === mine;
    // Another model's numbers are no picture of this one.
    const kept = answered.get(name)?.model === question.model ? {} : { shown: null };
    put(name, { ...kept, running: true, stopped: false, progress: null, told: NOTHING });
    const { model } = get();
    try {
      const tell: Tell = (progress, side = "a") => {
        const told = { ...(get().asked[name] ?? NEW).told, [side]: progress };
        if (isOpen()) put(name, { progress, told });
      };
      const value = await question.work(question.model, mine.abort.signal, tell);
      if (!isOpen()) return;
      answered.set(name, question);
      put(name, {
        ...{ shown: value, running: false, progress: null, told: NOTHING, error: null, model },
      });
    } catch (e) {
      if (!isOpen()) return;
      answered.set(name, question);
      const error = toLabError(e);
      put(name, {
        running: false,
        progress: null,
        error: error.code === "cancelled" ? null : error,
      });
    }
    open.delete(name);
    const next = waiting.get(name);
    waiting.delete(name);
    if (next) void start(name, next);
  };

  const ask = (name: string, key: string, work: Work) => {
    const { model } = lab;
    if (!model) return;
    const question: Question = { key, model, work };
    const current = open.get(name);
    waiting.delete(name);
    if (current ? same(current, question) : same(answered.get(name), question)) return;
    if (current?.model === model && performance.now() - current.since < PATIENCE) {
      waiting.set(name, question);
      return;
    }
    current?.abort.abort();
    void start(name, question);
  };

  return {
    asked: {},
    askFigure: (name, options) => {
      const { a, b } = runs(get());
      const { basis } = get();
      const key = JSON.stringify([a, b, basis, options]);
      ask(`figure.${name}`, key, async (model, signal, tell) => {
        const of = (run: RunSpec, side: "a" | "b") =>
          model.figure(name, run.prompt, {
            ...options,
            ...{ edits: run.edits, basis, signal, onProgress: (told) => tell(told, side) },
          });
        return { a: await of(a, "a"), b: b && (await of(b, "b")) };
      });
    },
    askStudy: (name, options) => {
      ask(`study.${name}`, JSON.stringify(options), (model, signal, onProgress) =>
        model.study(name, { ...(options as object), signal, onProgress } as Parameters<
          typeof model.study<typeof name>
        >[1]),
      );
    },
    stopAsking: (name) => {
      const current = open.get(name);
      waiting.delete(name);
      if (!current) return;
      current.abort.abort();
      open.delete(name);
      put(name, { running: false, stopped: true, progress: null });
    },
  };
};

/** The figure's numbers for both sides; asks for them while the component is on the screen. `null` options: not now. */
export function useFigure<F extends FigureName>(
  name: F,
  options: FigureOptions<F> | null,
): Asked<Sides<FigureValue<F>>, FigureProgress<F>> {
  const askFigure = useLab((s) => s.askFigure);
  const key = useLab((s) => JSON.stringify([runs(s), s.basis]));
  const model = useLab((s) => s.model);
  const own = JSON.stringify(options);
  useEffect(() => {
    if (model.status === "ready" && options !== null) askFigure(name, options);
    // `options` is new with every rendering; `own` says whether it is another.
  }, [askFigure, name, own, key, model]);
  return (useLab((s) => s.asked[`figure.${name}`]) ?? NEW) as Asked<
    Sides<FigureValue<F>>,
    FigureProgress<F>
  >;
}

/** A study's numbers; asks for them while the component is on the screen, unless `options` is null. */
export function useStudy<S extends StudyName>(
  name: S,
  options: StudyOptions<S> | null,
): Asked<StudyValue<S>, StudyProgress<S>> {
  const askStudy = useLab((s) => s.askStudy);
  const model = useLab((s) => s.model);
  const own = JSON.stringify(options);
  useEffect(() => {
    if (model.status === "ready" && options !== null) askStudy(name, options);
  }, [askStudy, name, own, model]);
  return (useLab((s) => s.asked[`study.${name}`]) ?? NEW) as Asked<StudyValue<S>, StudyProgress<S>>;
}

/** A study's numbers, if they are known for the model on the bench; asks for nothing. */
export function useKnownStudy<S extends StudyName>(name: S): StudyValue<S> | null {
  return useLab((s) => {
    const asked = s.asked[`study.${name}`];
    return asked?.model === s.model ? asked.shown : null;
  }) as StudyValue<S> | null;
}
