/**
 * Python of probes: the labelled cases as the app has them (their file is saved beside it), activations by TransformerLens, probes by
 * scikit-learn with the same penalty: λ on the mean loss is C = 1/(λN), or α = λN.
 */
import type { FoundDirection, ProbePlace, ProbeQuestion, ProbeResult } from "../core/probe.ts";
import { LAMBDAS, PARTS, placeHook } from "../core/probe.ts";
import { loadModelLines } from "./load-model.ts";
import { indented, pyList, pyNumber, pyString } from "./literal.ts";
import type { RunFacts } from "./run-facts.ts";
import { pythonText } from "./run.ts";

/** What the app calls the file of the labelled cases. */
export const PROBE_FILE = "probe-data.jsonl";

type Facts = Pick<RunFacts, "app" | "model">;

/** Defines lines, y (labels) and folds, by case. */
const DATA = [
  "import json",
  "import numpy as np",
  "",
  `# “Data as JSONL” in the app's menu of the data: save it beside this file.`,
  `with open(${pyString(PROBE_FILE)}, encoding="utf-8") as file:`,
  "    lines = [json.loads(line) for line in file]",
  'y = np.array([label for line in lines for label in line["labels"]])',
  `folds = np.array([line["fold"] for line in lines for _ in line["labels"]])  # of ${PARTS}; a text is in one`,
];

/** The cases and their labels. */
export const probeDataPython = (): string =>
  pythonText([
    ...DATA,
    "values, counts = np.unique(y, return_counts=True)",
    "print(dict(zip(values.tolist(), counts.tolist())))",
    "for fold in range(5):",
    '    print(fold, (folds == fold).sum(), "cases")',
  ]);

function readLines({ read }: Pick<ProbeQuestion, "read">): string[] {
  return [
    "def activations(hook, head=None):",
    "    rows = []",
    "    for line in lines:",
    '        ids = torch.tensor([line["ids"]], device=model.cfg.device)',
    "        _, cache = model.run_with_cache(ids, names_filter=hook)",
    "        x = cache[hook][0]  # [pos, ...]",
    "        x = x.flatten(1) if head is None else x[:, head]",
    '        for at in line["at"]:',
    "            # at is None: the whole text",
    `            rows.append(x[at] if at is not None else ${read === "last" ? "x[-1]" : "x[1:].mean(dim=0)"})`,
    "    return torch.stack(rows).cpu().numpy()",
  ];
}

function fitLines({ loss }: Pick<ProbeQuestion, "loss">, numbers: boolean): string[] {
  const make =
    loss === "logistic"
      ? "LogisticRegression(C=1 / (lam * n), tol=1e-7, max_iter=10_000)"
      : numbers
        ? "Ridge(alpha=lam * n)"
        : "RidgeClassifier(alpha=lam * n)";
  const name = make.slice(0, make.indexOf("("));
  return [
    `from sklearn.linear_model import ${name}`,
    "from sklearn.pipeline import make_pipeline",
    "from sklearn.preprocessing import StandardScaler",
    "",
    "def probe(x, y, lam):",
    "    n = len(y)",
    `    return make_pipeline(StandardScaler(), ${make}).fit(x, y)`,
    "",
    "def judge(x, held):",
    `    choose = (held + 1) % ${PARTS}`,
    "    fit = (folds != held) & (folds != choose)",
    `    lams = ${pyList([...LAMBDAS])}  # of equal ones the strongest`,
    "    scores = [probe(x[fit], y[fit], lam).score(x[folds == choose], y[folds == choose]) for lam in lams]",
    "    lam = lams[int(np.argmax(scores))]",
    "    best = probe(x[folds != held], y[folds != held], lam)",
    "    return best, lam, best.score(x[folds == held], y[folds == held])",
  ];
}

/** The control: its draws are not the app's own. */
const SHUFFLE = [
  'types = [None if at is None else line["ids"][at] for line in lines for at in line["at"]]',
  "",
  "def shuffled(seed):",
  "    rng = np.random.default_rng(seed)",
  "    if types[0] is None:  # texts: the same labels in another order",
  "        return rng.permutation(y)",
  "    given = {t: y[rng.integers(len(y))] for t in sorted(set(types))}  # a label for each token type",
  "    return np.array([given[t] for t in types])",
  "",
];

const placeCall = (place: ProbePlace): string =>
  `activations(${pyString(placeHook(place))}${place.head === null ? "" : `, head=${place.head}`})`;

/** The scores of a sweep. */
export function probePython(
  { app, model }: Facts,
  question: ProbeQuestion,
  numbers: boolean,
): string {
  const places = question.places.map(
    (place) => `(${pyString(placeHook(place))}, ${place.head ?? "None"})`,
  );
  return pythonText([
    ...loadModelLines(model, "raw", app),
    ...DATA,
    ...readLines(question),
    "",
    ...fitLines(question, numbers),
    "",
    ...(question.shuffles === 0 ? [] : SHUFFLE),
    `for hook, head in [${places.join(", ")}]:`,
    "    x = activations(hook, head)",
    `    for held in range(${question.folds}):`,
    "        best, lam, score = judge(x, held)",
    `        print(hook, head, "held out", held, "λ", lam, ${numbers ? '"R²"' : '"accuracy"'}, score)`,
    ...(question.shuffles === 0
      ? []
      : [
          `        for seed in range(${question.shuffles}):`,
          "            blind = shuffled(seed)",
          "            fitted = probe(x[folds != held], blind[folds != held], lam)",
          '            print("    shuffled", fitted.score(x[folds == held], blind[folds == held]))',
        ]),
  ]);
}

/** One place's direction: unit vector and scale, as the app tells them. */
export function directionPython(
  { app, model }: Facts,
  question: ProbeQuestion,
  { place, lambdas, scores }: Pick<ProbeResult, "place" | "lambdas" | "scores">,
  { to }: FoundDirection,
  classes: readonly string[],
): string {
  return pythonText([
    ...loadModelLines(model, "raw", app),
    ...DATA,
    ...readLines(question),
    "",
    ...fitLines(question, scores.kind === "numbers"),
    "",
    `x = ${placeCall(place)}`,
    `best = probe(x[folds != 0], y[folds != 0], ${pyNumber(lambdas[0]!)})`,
    "scale, fitted = best[0].scale_, best[-1]",
    "W = np.atleast_2d(fitted.coef_) / scale  # for x as it is, not standardised",
    ...rowLines(to, classes),
    "unit = w / np.linalg.norm(w)",
    "along = x[folds != 0] @ unit",
    'print("slope", np.linalg.norm(w), "mean", along.mean(), "standard deviation", along.std())',
  ]);
}

/** Defines w out of W: scikit-learn has the classes in the order of the alphabet. */
const rowLines = (to: string, classes: readonly string[]): string[] =>
  classes.length > 2
    ? [`w = (W - W.mean(axis=0))[list(best.classes_).index(${pyString(to)})]`]
    : classes.length === 2
      ? [`w = W[0] * (1 if best.classes_[1] == ${pyString(to)} else -1)`]
      : ["w = W[0]"];

/** Cosines between the directions of places as wide as one another. */
export const cosinesPython = (
  facts: Facts,
  question: ProbeQuestion,
  to: string,
  classes: readonly string[],
): string =>
  pythonText([
    ...loadModelLines(facts.model, "raw", facts.app),
    ...DATA,
    ...readLines(question),
    "",
    ...fitLines(question, classes.length === 0),
    "",
    "units = []",
    `for hook, head in [${question.places
      .map((p) => `(${pyString(placeHook(p))}, ${p.head ?? "None"})`)
      .join(", ")}]:`,
    "    best, _, _ = judge(activations(hook, head), 0)",
    ...indented(["W = np.atleast_2d(best[-1].coef_) / best[0].scale_", ...rowLines(to, classes)]),
    "    units.append(w / np.linalg.norm(w))",
    "print(np.stack(units) @ np.stack(units).T)  # of places of one width",
  ]);
