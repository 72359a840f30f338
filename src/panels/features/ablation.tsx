/** The effect of taking the feature out, on the next tokens of the examples: asked for by a switch, told example by example. */
import {
  ABLATION_MODES,
  type AblationMode,
  type ContextEffects,
} from "../../core/feature-studies.ts";
import type { ContextExample, FeatureDashboard } from "../../core/feature-dashboard.ts";
import { useLab } from "../../state/context.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { useChoice } from "../../state/options-slice.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { formatSigned } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";

export interface RowEffects {
  values: Float32Array;
  most: number;
  words: (value: number) => string;
}
export interface Ablation {
  mode: "off" | AblationMode;
  setMode: (mode: "off" | AblationMode) => void;
  effectsOf: (example: ContextExample) => RowEffects | null;
  error: ReturnType<typeof useStudy<"featureAblation">>["error"];
  progress: { done: number; total: number } | null;
  most: number;
}
const MODE_WORDS: Record<"off" | AblationMode, string> = {
  off: "not computed",
  along: "on all tokens",
  here: "one token at a time",
};

export function useAblation(
  { saeId, feature }: FeatureDashboard,
  examples: readonly ContextExample[],
): Ablation {
  const [mode, setMode] = useChoice("feature.ablated", ["off", ...ABLATION_MODES]);
  const contexts = examples.map(({ ids }) => ids);
  const asked = useStudy(
    "featureAblation",
    mode === "off" || contexts.length === 0 ? null : { sae: saeId, feature, mode, contexts },
  );
  const { shown, running, progress, error } = asked;
  const fits = shown?.sae === saeId && shown.feature === feature && shown.mode === mode;
  const found: ContextEffects[] = running ? (progress?.found ?? []) : fits ? shown.contexts : [];
  const most = found.reduce(
    (top, { effects }) => effects.reduce((t, e) => (Math.abs(e) > t ? Math.abs(e) : t), top),
    0,
  );
  return {
    ...{ mode, setMode, most, error: mode === "off" ? null : error },
    progress: running ? { done: progress?.done ?? 0, total: contexts.length } : null,
    effectsOf: (example) => {
      const values = mode === "off" ? undefined : found[examples.indexOf(example)]?.effects;
      return values?.length === example.ids.length ? { values, most, words: effectWords } : null;
    },
  };
}

const effectWords = (value: number): string =>
  Number.isNaN(value)
    ? "next not known"
    : value === 0
      ? "next: no change"
      : `next ${formatSigned(value, 3)} nats`;

export function AblationChoice({ ablation: { mode, setMode } }: { ablation: Ablation }) {
  return (
    <label className="row">
      <span className="quiet">Effect of its ablation on the next token</span>
      <select
        className="input"
        value={mode}
        onChange={(e) => setMode(e.target.value as Ablation["mode"])}
      >
        {(["off", ...ABLATION_MODES] as const).map((value) => (
          <option key={value} value={value}>
            {MODE_WORDS[value]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How far it is, or what came of it. */
export function AblationState({ ablation }: { ablation: Ablation }) {
  const stop = useLab((s) => s.stopAsking);
  const { mode, setMode, error, progress, most } = ablation;
  if (mode === "off") return null;
  if (error) return <ErrorCard title="Running the examples without the feature" error={error} />;
  if (!progress) {
    return (
      <p className="quiet">
        {most > 0 ? (
          <>
            Lines: the next token less (vermilion) or more (blue) likely without the feature, at
            most <span className="mono">{most.toFixed(3)}</span> nats.
          </>
        ) : (
          "No next token changes when the feature is taken out."
        )}
      </p>
    );
  }
  return (
    <Progress
      label="Running the examples without the feature"
      share={progress.total > 0 ? progress.done / progress.total : null}
      facts={[`${progress.done} of ${progress.total}`]}
      onCancel={() => {
        stop("study.featureAblation");
        setMode("off");
      }}
    />
  );
}
