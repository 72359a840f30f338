/** Labels made by programs, for one feature or all of an SAE: one piece of work at a time, with progress, to be given up. */
import type { FeatureNote } from "../core/feature-notes.ts";
import { NO_NOTE } from "../core/feature-notes.ts";
import type { LabelProgress } from "../core/label-work.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import { relabelled } from "./feature-notes.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface LabellingProgress {
  what: string;
  done: number;
  total: number;
  /** Milliseconds since this part began. */
  since: number;
}
export interface LabellingSlice {
  /** The last labelling; its value says in words what came of it. */
  labelling: Task<string, LabellingProgress>;
  cancelLabelling: () => void;
  dismissLabelling: () => void;
  /**
   * Labels from examples and promoted tokens. @param features null: all of the SAE that have no label, or an automatic one
   */
  labelAutomatically: (saeId: string, features: readonly number[] | null) => Promise<void>;
}

const WHAT: Record<LabelProgress["what"], string> = {
  examples: "Reading examples",
  "promoted tokens": "Reading promoted tokens",
  "scoring on text": "Scoring rules on held-out text",
};

/** Whether a program may put another label here by itself. */
export const isFree = ({ label }: FeatureNote): boolean =>
  label === null || label.source.by === "tokens" || label.source.by === "logits";

export const createLabellingSlice: Slice<LabellingSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  return {
    labelling: IDLE,
    cancelLabelling: () => {
      runs.stop();
      set({ labelling: IDLE });
    },
    dismissLabelling: () => set({ labelling: IDLE }),
    labelAutomatically: async (saeId, features) => {
      const run = runs.start();
      const show = (labelling: LabellingSlice["labelling"]) => {
        if (run.isNewest()) set({ labelling });
      };
      let part: string = WHAT.examples;
      let began = performance.now();
      show({ status: "running", progress: { what: part, done: 0, total: 0, since: 0 } });
      try {
        await get().readNotes(saeId);
        const { labels, tokens, without } = await lab.sae.labels.automatic(saeId, {
          features,
          signal: run.signal,
          onProgress: ({ what, done, total }) => {
            if (WHAT[what] !== part) began = performance.now();
            part = WHAT[what];
            const since = performance.now() - began;
            show({ status: "running", progress: { what: part, done, total, since } });
          },
        });
        if (!run.isNewest()) return;
        let kept = 0;
        get().changeNotes(saeId, (now) => {
          const all = new Map(now.features);
          for (const [feature, label] of labels) {
            const note = all.get(feature) ?? NO_NOTE;
            if (features === null && !isFree(note)) kept += 1;
            else all.set(feature, relabelled(note, { label }));
          }
          return { ...now, features: all };
        });
        if (features !== null && labels.length === 0) {
          throw new LabError(
            "degenerate",
            "there are no examples of this feature to make a label from: it was never active on the measured text",
          );
        }
        const rules = labels.filter(([, { source }]) => source.by === "tokens").length;
        const count = (n: number) => n.toLocaleString("en-US");
        const words = [
          `${count(labels.length - kept)} labelled: ${count(rules)} by a rule of tokens, scored on ${count(tokens)} tokens of held-out text, ${count(labels.length - rules)} by the tokens they promote, unverified.`,
          kept > 0 && `${count(kept)} labels of yours or of a language model were kept.`,
          without > 0 &&
            `${count(without)} ${without === 1 ? "feature has" : "features have"} no examples, and no label.`,
        ];
        const said = features === null ? words.filter(Boolean).join(" ") : null;
        show(said === null ? IDLE : { status: "ready", value: said });
      } catch (e) {
        const error = toLabError(e);
        show(error.code === "cancelled" ? IDLE : { status: "failed", error });
      }
    },
  };
};
