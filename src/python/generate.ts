/** Python of written text: what the model held likely at each step of it, and a loop that writes one. */
import type { SamplingOptions } from "../core/generation.ts";
import { indented, pyNumber, pyString } from "./literal.ts";
import { perRun, pythonRun, pythonText, type RunVariables, underEdits } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

export interface WrittenFacts {
  sampling: SamplingOptions;
  /** Ids of each side's text as it stands, an end of text last; [] before there is any. */
  written: { a: readonly number[]; b: readonly number[] };
  /** Tokens of each side's prompt; null where there is none. */
  promptTokens: { a: number; b: number | null };
}

/**
 * One pass over prompt and text gives the figure's numbers at every step. The loop after it draws anew, in the app's order:
 * repetition penalty, temperature, top k, top p. Greedy text comes out the same; drawn text by other random numbers.
 */
export function generatePython(bench: RunFacts, { sampling, written, promptTokens }: WrittenFacts) {
  const facts = fromStart(bench, promptTokens);
  const { temperature, maxNewTokens, seed } = sampling;
  return pythonText([
    ...pythonRun(facts),
    ...notes(facts, sampling, promptTokens),
    "def tell(step, row, token):  # row: logits at a step, [d_vocab]",
    ...indented([
      "log_probs = row.log_softmax(dim=-1)",
      "rank = 1 + (row > row[token]).sum().item()",
      `print(step + 1, repr(model.tokenizer.decode([token])), log_probs[token].exp().item(), "rank", rank, "bits", -log_probs[token].item() / ${Math.LN2})`,
      "likeliest = log_probs.topk(10)",
      'print("   ", [(model.tokenizer.decode([i]), p) for i, p in zip(likeliest.indices.tolist(), likeliest.values.exp().tolist())])',
    ]),
    "",
    ...perRun(facts, (run) =>
      written[run.side].length === 0 ? [] : [...writtenLines(facts, run, written[run.side]), ""],
    ),
    ...drawLines(sampling),
    "",
    ...perRun(facts, (run) => [
      `# ${run.name}: written by the loop`,
      ...(temperature === 0 ? [] : [`torch.manual_seed(${seed})`]),
      `ids${run.suffix} = ${run.tokens}`,
      `for step in range(min(${maxNewTokens}, model.cfg.n_ctx - ${run.tokens}.shape[1])):`,
      ...indented([
        ...underEdits(facts, run.side, [`row = model(ids${run.suffix})[0, -1]`]),
        `token = draw(row, ids${run.suffix}[0])`,
        "tell(step, row, token)",
        "if token == model.tokenizer.eos_token_id:",
        "    break",
        `ids${run.suffix} = torch.cat([ids${run.suffix}, torch.tensor([[token]], device=model.cfg.device)], dim=1)`,
      ]),
      `print(${pyString(run.name)}, model.to_string(ids${run.suffix}[0]))`,
      "",
    ]),
  ]);
}

/** Positions from the end mean the prompt's: the text grows past it. */
function fromStart(facts: RunFacts, { a }: WrittenFacts["promptTokens"]): RunFacts {
  const edits = facts.edits.map((edit) =>
    edit.pos !== null && edit.pos < 0 ? { ...edit, pos: Math.max(0, a + edit.pos) } : edit,
  );
  // Text is drawn by the checkpoint's own logits: a penalty on them depends on their constant.
  return { ...facts, edits, basis: edits.length === 0 ? "raw" : facts.basis };
}

function notes(
  facts: RunFacts,
  { repetitionPenalty }: SamplingOptions,
  tokens: WrittenFacts["promptTokens"],
) {
  const counted = facts.edits.some(({ pos }) => pos !== null);
  return [
    ...(facts.basis === "tl" && repetitionPenalty !== 1
      ? [
          "# The app's repetition penalty works on the raw checkpoint's logits, which differ by a constant.",
        ]
      : []),
    ...(counted && tokens.b !== null && tokens.b !== tokens.a
      ? ["# The prompts have different lengths: an edit's position is counted in prompt A here."]
      : []),
  ];
}

function writtenLines(facts: RunFacts, run: RunVariables, ids: readonly number[]): string[] {
  const { suffix: s, tokens, name, side } = run;
  return [
    `# ${name}: the text on the screen, each token given all before it`,
    `written${s} = [${ids.join(", ")}]`,
    `whole${s} = torch.cat([${tokens}, torch.tensor([written${s}], device=model.cfg.device)], dim=1)`,
    ...underEdits(facts, side, [
      `rows${s} = model(whole${s}[:, :-1])[0, ${tokens}.shape[1] - 1 :]`,
    ]),
    `for step, token in enumerate(written${s}):`,
    `    tell(step, rows${s}[step], token)`,
  ];
}

/** Defines `draw(row, seen)`: logits [d_vocab] and the ids so far → the next id. */
function drawLines({ temperature, topK, topP, repetitionPenalty }: SamplingOptions): string[] {
  const penalty = pyNumber(repetitionPenalty);
  const scores =
    repetitionPenalty === 1
      ? ["scores = row"]
      : [
          "scores = row.clone()",
          `scores[seen] = torch.where(row[seen] > 0, row[seen] / ${penalty}, row[seen] * ${penalty})`,
        ];
  const kept = [
    `probs = (scores / ${pyNumber(temperature)}).softmax(dim=-1).sort(descending=True)`,
    `values, order = ${topK > 0 ? `probs.values[:${topK}], probs.indices[:${topK}]` : "probs.values, probs.indices"}`,
    ...(topP < 1
      ? [
          `keep = values.cumsum(dim=-1) - values < ${pyNumber(topP)} * values.sum()  # as few as reach top p`,
          "values, order = values[keep], order[keep]",
        ]
      : []),
    "return order[torch.multinomial(values, 1)].item()  # in proportion to what is left",
  ];
  return [
    "def draw(row, seen):",
    ...indented([...scores, ...(temperature === 0 ? ["return scores.argmax().item()"] : kept)]),
  ];
}
