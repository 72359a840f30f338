/**
 * The language model that labels and judges, chosen by the user. Nothing is sent before `askWriter`; what would be sent is
 * prepared first, on this machine. The key is kept in memory alone, unless it is to be remembered.
 */
import {
  type ScoreKind,
  askLabel,
  questionOf,
  scoreLabel,
  scoreQuestions,
} from "../api/label-judge.ts";
import type { FeatureLabel } from "../core/feature-notes.ts";
import type { LabelCases } from "../core/label-work.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { FeatureDashboard } from "../core/feature-dashboard.ts";
import {
  estimateTokens,
  type Question,
  type WriterDtype,
  writerName,
  type WriterSource,
} from "../core/writer.ts";
import { createNewest } from "./newest.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface WriterForm {
  kind: WriterSource["kind"];
  url: string;
  model: string;
  id: string;
  dtype: WriterDtype;
  /** Whether the key is kept in this browser. */
  rememberKey: boolean;
  /** The key where it is remembered; else "". */
  keptKey: string;
}
export const DEFAULT_WRITER: WriterForm = {
  ...{ kind: "endpoint", url: "", model: "", id: "", dtype: "q4" },
  ...{ rememberKey: false, keptKey: "" },
};

/** What would be asked of one feature, all of it made on this machine. */
export interface WriterPlan {
  saeId: string;
  feature: number;
  kinds: readonly ScoreKind[];
  withLabel: boolean;
  /** The words that are scored; a label that is still to be written stands for itself. */
  label: string;
  cases: LabelCases | null;
  dashboard: FeatureDashboard;
  questions: readonly Question[];
  /** Of the questions, estimated. */
  tokens: number;
}
export interface WriterWork {
  what: string;
  /** Questions answered. */
  done: number;
  total: number;
  /** Bytes of a model that is fetched, or what is waited for. */
  detail: string | null;
}
export interface WriterCost {
  questions: number;
  asked: number;
  answered: number;
  estimated: boolean;
}
export interface WriterSlice {
  writer: WriterForm;
  setWriter: (patch: Partial<WriterForm>) => void;
  /** Of this session. */
  writerKey: string;
  setWriterKey: (key: string) => void;
  writerPlan: Task<WriterPlan, { share: number }>;
  planWriter: (feature: number, kinds: readonly ScoreKind[], withLabel: boolean) => Promise<void>;
  writing: Task<string, WriterWork>;
  /** Sends what was planned. */
  askWriter: () => Promise<void>;
  stopWriter: () => void;
  dismissWriter: () => void;
  /** Of this session, all questions together. */
  writerCost: WriterCost;
}

const SEED = 0;
const UNKNOWN = "(the label that will have been written)";

/** @throws LabError "bad-input" naming what is missing */
export function writerSource({
  writer,
  writerKey,
  mirror,
}: Pick<Store, "writer" | "writerKey" | "mirror">): WriterSource {
  const need = (text: string, what: string) => {
    if (text.trim() === "") throw new LabError("bad-input", `${what} is missing; give one`);
    return text.trim();
  };
  if (writer.kind === "hub") {
    const id = need(writer.id, "the id of a model of the Hub");
    return { kind: "hub", id, hub: mirror, dtype: writer.dtype };
  }
  return {
    kind: "endpoint",
    url: need(writer.url, "the server’s address"),
    model: need(writer.model, "the model’s name"),
    key: writerKey.trim(),
  };
}

export const createWriterSlice: Slice<WriterSlice> = (lab) => (set, get) => {
  const plans = createNewest();
  const runs = createNewest();
  const none = { questions: 0, asked: 0, answered: 0, estimated: false };
  return {
    writer: DEFAULT_WRITER,
    writerKey: "",
    setWriter: (patch) => {
      const writer = { ...get().writer, ...patch };
      set({ writer: { ...writer, keptKey: writer.rememberKey ? get().writerKey : "" } });
    },
    setWriterKey: (writerKey) => {
      set({ writerKey });
      get().setWriter({});
    },
    writerCost: none,
    writerPlan: IDLE,
    planWriter: async (feature, kinds, withLabel) => {
      const { saeId, basis, notes } = get();
      if (saeId === null) return;
      const run = plans.start();
      set({ writerPlan: { status: "running", progress: { share: 0 } } });
      try {
        const dashboard = await lab.sae.dashboard(saeId, feature, { basis, signal: run.signal });
        const known = notes[saeId]?.features.get(feature)?.label?.text;
        if (!withLabel && known === undefined) {
          throw new LabError(
            "bad-input",
            "there is no label to score; write one, or let one be written",
          );
        }
        const cases =
          kinds.length === 0
            ? null
            : await lab.sae.labels.cases(saeId, feature, {
                signal: run.signal,
                onProgress: (progress) => {
                  if (run.isNewest()) set({ writerPlan: { status: "running", progress } });
                },
              });
        if (!run.isNewest()) return;
        const label = withLabel ? UNKNOWN : known!;
        const questions = [
          ...(withLabel ? [questionOf(dashboard)] : []),
          ...(cases ? scoreQuestions(kinds, label, cases, SEED) : []),
        ];
        const tokens = questions.reduce((sum, { messages }) => sum + estimateTokens(messages), 0);
        const value = {
          saeId,
          feature,
          kinds,
          withLabel,
          label,
          cases,
          dashboard,
          questions,
          tokens,
        };
        set({ writerPlan: { status: "ready", value } });
      } catch (e) {
        const error = toLabError(e);
        if (run.isNewest()) {
          set({ writerPlan: error.code === "cancelled" ? IDLE : { status: "failed", error } });
        }
      }
    },
    writing: IDLE,
    dismissWriter: () => {
      plans.stop();
      set({ writing: IDLE, writerPlan: IDLE });
    },
    stopWriter: () => {
      plans.stop();
      runs.stop();
      set({ writing: IDLE, writerPlan: IDLE });
    },
    askWriter: async () => {
      const { writerPlan } = get();
      if (writerPlan.status !== "ready") return;
      const { saeId, feature, kinds, withLabel, cases, dashboard, questions, ...plan } =
        writerPlan.value;
      const run = runs.start();
      const show = (writing: WriterSlice["writing"]) => {
        if (run.isNewest()) set({ writing });
      };
      let done = 0;
      const tell = (what: string, detail: string | null = null) =>
        show({
          status: "running",
          progress: { what, done, total: questions.length, detail },
        });
      try {
        const source = writerSource(get());
        const judge = writerName(source);
        tell(`Opening ${judge}`);
        await lab.writer.open(source, {
          signal: run.signal,
          onProgress: ({ file, loadedBytes, totalBytes }) => {
            const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
            const of = totalBytes === null ? "" : ` of ${mb(totalBytes)}`;
            tell(`Fetching ${judge}`, `${file}: ${mb(loadedBytes)}${of} MB`);
          },
        });
        let what = "";
        const ask = async (question: Question) => {
          tell(what);
          const answer = await lab.writer.ask(source, question, {
            signal: run.signal,
            onWait: (words) => tell(what, words),
          });
          done += 1;
          const cost = get().writerCost;
          const { asked, answered, estimated } = answer.tokens;
          set({
            writerCost: {
              questions: cost.questions + 1,
              asked: cost.asked + asked,
              answered: cost.answered + answered,
              estimated: cost.estimated || estimated,
            },
          });
          tell(what);
          return answer;
        };
        let label = plan.label;
        if (withLabel) {
          what = `Asking ${judge} for a label of feature ${feature}`;
          const made = await askLabel(ask, dashboard, judge);
          label = made.text;
          if (!run.isNewest()) return;
          get().putLabel(saeId, feature, made);
        }
        for (const kind of kinds) {
          what = `Asking ${judge} about feature ${feature}: ${kind}`;
          const score = await scoreLabel(ask, kind, { label, cases: cases!, seed: SEED, judge });
          if (!run.isNewest()) return;
          get().changeNote(saeId, feature, (now) => {
            if (now.label?.text !== label) return now; // renamed meanwhile: the score is of other words
            const scores = now.label.scores.filter((s) => s.kind !== kind || s.judge !== judge);
            const scored: FeatureLabel = { ...now.label, scores: [...scores, score] };
            return { ...now, label: scored };
          });
        }
        set({ writerPlan: IDLE });
        show({
          status: "ready",
          value: `${judge} answered ${done} ${done === 1 ? "question" : "questions"}.`,
        });
      } catch (e) {
        const error = toLabError(e);
        show(error.code === "cancelled" ? IDLE : { status: "failed", error });
      }
    },
  };
};
