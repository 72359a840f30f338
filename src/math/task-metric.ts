/** The metrics of a task at one place's logits z, with p = softmax(z): values, and gradients by the logits. */
import { LabError } from "../core/lab-error.ts";
import { needsWrong, TASK_METRICS, type MetricValues, type TaskMetric } from "../core/task.ts";
import { evaluateFormula, type Formula, namesIn, parseFormula } from "../core/metric-formula.ts";
import { logSoftmax } from "./logit-metric.ts";

export interface MetricTokens {
  answers: readonly number[];
  wrong: readonly number[];
  /** ln q of the clean run, for the KL: [V], by `logSoftmax`. */
  clean: Float64Array | null;
  /** Of the metric "formula". */
  formula?: string | undefined;
}

/** Of the last text: a sweep reads the same one for each cell. */
let last: { text: string; formula: Formula } | null = null;
/** @throws LabError "bad-input" where none is written, or it cannot be read */
export function formulaOf({ formula: text }: Pick<MetricTokens, "formula">): Formula {
  if (text === undefined) {
    throw new LabError(
      "bad-input",
      "no formula is written yet: write one beside the metric, or take another",
    );
  }
  if (last?.text !== text) last = { text, formula: parseFormula(text) };
  return last.formula;
}
/** Whether the metric reads the clean run's probabilities. */
export const readsClean = (metric: TaskMetric, of: Pick<MetricTokens, "formula">): boolean =>
  metric === "kl" || (metric === "formula" && namesIn(formulaOf(of)).includes("kl"));

/**
 * logitDiff  mean z_a − mean z_w          ∂/∂z = 1_A/|A| − 1_W/|W|
 * logProb    ln P, P = Σ p_a   (nats)     p·1_A/P − p
 * prob       P                            P·(p·1_A/P − p)
 * probDiff   P − Σ p_w                    p·1_A − p·1_W − (P − Σ p_w)·p
 * rank       1 + #{t : z_t > max z_a}     none
 * kl         Σ q·ln(q/p)       (nats)     p − q
 * formula    f(the above)                 Σ ∂f/∂m·∂m/∂z
 * Sums over the answers A and the wrong ones W. Source of probDiff: Hanna, Liu and Variengien 2023 ("How does GPT-2 compute
 * greater-than?"), of the others their names.
 * @throws LabError "bad-input" without the tokens that the metric reads; "degenerate" where a logit is no number
 */
export function taskMetric(metric: TaskMetric, z: Float32Array, tokens: MetricTokens): number {
  const { answers, wrong, clean } = checked(metric, z, tokens);
  if (metric === "formula") {
    const { value } = evaluateFormula(formulaOf(tokens), (name) => taskMetric(name, z, tokens));
    if (Number.isFinite(value)) return value;
    throw new LabError("degenerate", `the formula ${tokens.formula} is ${value} here`);
  }
  if (metric === "logitDiff") return meanOf(z, answers) - meanOf(z, wrong);
  if (metric === "rank") {
    const best = answers.reduce((most, a) => Math.max(most, z[a]!), -Infinity);
    let rank = 1;
    for (const v of z) if (v > best) rank++;
    return rank;
  }
  const log = logSoftmax(z);
  const chance = (ids: readonly number[]) => ids.reduce((sum, t) => sum + Math.exp(log[t]!), 0);
  switch (metric) {
    case "logProb":
      return answers.length === 1 ? log[answers[0]!]! : Math.log(chance(answers));
    case "prob":
      return chance(answers);
    case "probDiff":
      return chance(answers) - chance(wrong);
    case "kl":
      return log.reduce((sum, l, t) => sum + Math.exp(clean![t]!) * (clean![t]! - l), 0);
  }
}

/** The only tokens whose logits a metric reads, and what it reads by their places among these; null: it reads all. */
export function fewOf(
  metric: TaskMetric,
  { answers, wrong }: MetricTokens,
): { only: readonly number[]; tokens: MetricTokens } | null {
  if (metric !== "logitDiff" || answers.length === 0) return null;
  const places = {
    answers: answers.map((_, i) => i),
    wrong: wrong.map((_, i) => answers.length + i),
  };
  return { only: [...answers, ...wrong], tokens: { ...places, clean: null } };
}

/** ∂ metric / ∂ z at z, [V]. @throws as `taskMetric`; "unsupported" for a rank */
export function taskGradient(
  metric: TaskMetric,
  z: Float32Array,
  tokens: MetricTokens,
): Float32Array {
  const { answers, wrong, clean } = checked(metric, z, tokens);
  const out = new Float32Array(z.length);
  if (metric === "formula") {
    const { slopes } = evaluateFormula(formulaOf(tokens), (name) => taskMetric(name, z, tokens));
    slopes.forEach((slope, name) => {
      const own = taskGradient(name, z, tokens);
      for (let t = 0; t < out.length; t++) out[t]! += slope * own[t]!;
    });
    return out;
  }
  if (metric === "logitDiff") {
    for (const a of answers) out[a]! += 1 / answers.length;
    for (const w of wrong) out[w]! -= 1 / wrong.length;
    return out;
  }
  if (metric === "rank") {
    throw new LabError(
      "unsupported",
      "a rank has no slope, so nothing can be attributed to it by gradients; take another metric, or patch exactly",
    );
  }
  const log = logSoftmax(z);
  const p = log.map(Math.exp);
  const chance = (ids: readonly number[]) => ids.reduce((sum, t) => sum + p[t]!, 0);
  const P = chance(answers);
  if (metric === "kl") {
    for (let t = 0; t < p.length; t++) out[t] = p[t]! - Math.exp(clean![t]!);
    return out;
  }
  // logProb: ln P is the log-sum-exp of the answers, so that no share is 0/0 where P is tiny.
  if (metric === "logProb") {
    const most = answers.reduce((m, a) => Math.max(m, log[a]!), -Infinity);
    const total = answers.reduce((sum, a) => sum + Math.exp(log[a]! - most), 0);
    for (let t = 0; t < p.length; t++) out[t] = -p[t]!;
    for (const a of answers) out[a]! += Math.exp(log[a]! - most) / total;
    return out;
  }
  const W = metric === "probDiff" ? chance(wrong) : 0;
  for (let t = 0; t < p.length; t++) out[t] = -(P - W) * p[t]!;
  for (const a of answers) out[a]! += p[a]!;
  if (metric === "probDiff") for (const w of wrong) out[w]! -= p[w]!;
  return out;
}

/** All of them; null where there are no wrong answers to read, or the formula has no value. */
export const allMetrics = (z: Float32Array, tokens: MetricTokens): MetricValues =>
  Object.fromEntries(
    TASK_METRICS.map((metric) => [metric, canSay(metric, tokens) ? said(metric, z, tokens) : null]),
  ) as MetricValues;

function canSay(metric: TaskMetric, tokens: MetricTokens): boolean {
  if (metric === "formula") {
    if (tokens.formula === undefined) return false;
    return namesIn(formulaOf(tokens)).every((name) => canSay(name, tokens));
  }
  if (needsWrong(metric) && tokens.wrong.length === 0) return false;
  return metric !== "kl" || tokens.clean !== null;
}
function said(metric: TaskMetric, z: Float32Array, tokens: MetricTokens): number | null {
  if (metric !== "formula") return taskMetric(metric, z, tokens);
  const { value } = evaluateFormula(formulaOf(tokens), (name) => taskMetric(name, z, tokens));
  return Number.isFinite(value) ? value : null;
}

const meanOf = (z: Float32Array, ids: readonly number[]) =>
  ids.reduce((sum, id) => sum + z[id]!, 0) / ids.length;

function checked(metric: TaskMetric, z: Float32Array, tokens: MetricTokens): MetricTokens {
  if (tokens.answers.length === 0) {
    throw new LabError("bad-input", "the metric reads the answers, and there are none");
  }
  if (needsWrong(metric) && tokens.wrong.length === 0) {
    throw new LabError(
      "bad-input",
      `${metric} compares answers with wrong ones, and there are none; give some, or take the log-probability`,
    );
  }
  if (metric === "kl" && tokens.clean?.length !== z.length) {
    throw new LabError(
      "shape",
      "the KL needs the clean run's probabilities of the same vocabulary",
    );
  }
  return tokens;
}
