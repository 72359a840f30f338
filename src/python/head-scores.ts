/** Python of head scores: on the prompt, and on random tokens that repeat. Definitions: `math/head-scores.ts`. */
import type { DiagonalScore, PatternScore, RepeatOptions } from "../core/head-scores.ts";
import { pyNumber } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

type Exclude = Pick<RepeatOptions, "excludeFirst" | "excludeCurrent">;

/** One score of every head, [layer, head]. @param n of the repeats as it was; null before they were made: 100 */
export function scorePython(
  facts: RunFacts,
  on: "prompt" | "repeats",
  score: PatternScore | DiagonalScore,
  options: RepeatOptions,
  n: number | null,
): string {
  return on === "prompt" && !isDiagonal(score)
    ? promptScorePython(facts, score, options)
    : repeatScorePython(facts, score, options, n ?? options.length ?? 100);
}

/** On the prompt. */
export function promptScorePython(facts: RunFacts, score: PatternScore, exclude: Exclude): string {
  const lines = perRun(facts, ({ cache, tokens, suffix, name }) => [
    `# ${name}`,
    `pattern = ${cache}.stack_activation("pattern")  # [layer, batch, head, query, key]`,
    `ids = ${tokens}`,
    ...patternScore(score, exclude, `score${suffix}`),
    "",
  ]);
  return pythonText([...pythonRun(facts), ...lines]);
}

/** On random tokens and the same again. */
export function repeatScorePython(
  { model, basis, app }: RunFacts,
  score: PatternScore | DiagonalScore,
  options: RepeatOptions,
  n: number,
): string {
  const { vocab_size, bos_token_id } = model.config;
  const last = bos_token_id === vocab_size - 1 ? bos_token_id : vocab_size;
  const bos = `torch.full((${options.rows}, 1), ${bos_token_id}, device=model.cfg.device)`;
  return pythonText([
    ...loadModelLines(model, basis, app),
    "",
    "# The app draws with a generator of its own: other tokens, so digits differ.",
    `torch.manual_seed(${pyNumber(options.seed)})`,
    `once = torch.randint(0, ${last}, (${options.rows}, ${n}), device=model.cfg.device)`,
    `ids = torch.cat([${options.prependBos ? `${bos}, ` : ""}once, once], dim=1)  # [batch, pos]`,
    "logits, cache = model.run_with_cache(ids)",
    'pattern = cache.stack_activation("pattern")  # [layer, batch, head, query, key]',
    "",
    ...(isDiagonal(score) ? diagonal(score, n) : patternScore(score, options, "score")),
  ]);
}

const isDiagonal = (score: PatternScore | DiagonalScore): score is DiagonalScore =>
  score.endsWith("Diagonal");

function diagonal(score: DiagonalScore, n: number): string[] {
  const offset = { previousDiagonal: 1, duplicateDiagonal: n, inductionDiagonal: n - 1 }[score];
  return [
    `# mean weight ${offset} tokens back`,
    `score = pattern.diagonal(offset=-${offset}, dim1=-2, dim2=-1).mean(dim=(1, 3))  # [layer, head]`,
    "print(score)",
  ];
}

/** From `pattern` and `ids`. */
function patternScore(score: PatternScore, exclude: Exclude, to: string): string[] {
  const print = `print(${to})`;
  const mean = (value: string) => [`${to} = ${value}.mean(dim=(1, 3))  # [layer, head]`, print];
  switch (score) {
    case "first":
      return mean("pattern[..., 1:, 0]");
    case "current":
      return mean("pattern.diagonal(dim1=-2, dim2=-1)[..., 1:]");
    case "entropy":
      return mean("-(pattern * torch.log2(pattern.clamp(min=1e-45))).sum(dim=-1)[..., 1:]");
    case "distance":
      return [
        "places = torch.arange(ids.shape[1], device=ids.device)",
        ...mean("(pattern * (places[:, None] - places[None, :])).sum(dim=-1)[..., 1:]"),
      ];
    case "previous":
    case "duplicate":
    case "induction":
      return [
        "# detect_head, error measure mul: sum of A * D over sum of A",
        ...detection(score),
        ...(exclude.excludeFirst || exclude.excludeCurrent
          ? [
              "kept = torch.ones_like(cells)",
              ...(exclude.excludeFirst ? ["kept[..., 0] = 0"] : []),
              ...(exclude.excludeCurrent
                ? ["kept = kept.tril(-1)  # nothing is above the diagonal"]
                : []),
              "pattern = pattern * kept[None, :, None]",
            ]
          : []),
        "hit = (pattern * cells[None, :, None]).sum(dim=(-2, -1))",
        `${to} = (hit / pattern.sum(dim=(-2, -1))).mean(dim=1)  # [layer, head]`,
        print,
      ];
  }
}

/** D as `cells`, [batch, query, key]. */
function detection(score: "previous" | "duplicate" | "induction"): string[] {
  const same = "cells = (ids[:, :, None] == ids[:, None, :]).float().tril(-1)";
  if (score === "duplicate") return [same];
  if (score === "induction") {
    return [same, "cells = torch.cat([torch.zeros_like(cells[..., :1]), cells[..., :-1]], dim=-1)"];
  }
  return [
    "cells = torch.ones(ids.shape[0], ids.shape[1], ids.shape[1], device=ids.device)",
    "cells = cells.tril(-1).triu(-1)",
  ];
}
