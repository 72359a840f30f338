/** The prediction figures in Python: losses and ranks, chosen tokens at every position, the logit lens. */
import { pyBool, pyList, pyNumber, pyString } from "./literal.ts";
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

/** −ln p of each token given what stands before it, in nats; ranks; the mean and the perplexity. */
export const surprisePython = (facts: RunFacts): string =>
  pythonText([
    ...pythonRun(facts),
    ...perRun(facts, ({ name, suffix: s, tokens, logits }) => [
      `next_tokens${s} = ${tokens}[0, 1:]`,
      `loss${s} = torch.nn.functional.cross_entropy(${logits}[0, :-1], next_tokens${s}, reduction="none")  # nats`,
      `own${s} = torch.stack([row[token] for row, token in zip(${logits}[0, :-1], next_tokens${s})])`,
      `rank${s} = 1 + (${logits}[0, :-1] > own${s}[:, None]).sum(dim=-1)`,
      `print(${pyString(name)}, "mean loss", loss${s}.mean().item(), "perplexity", loss${s}.mean().exp().item())`,
      `for token, nats, r in zip(model.to_str_tokens(${tokens}[0])[1:], loss${s}.tolist(), rank${s}.tolist()):`,
      `    print(repr(token), nats, r)`,
    ]),
  ]);

const chosen = (texts: readonly string[]) =>
  `chosen = [model.to_single_token(text) for text in [${pyList(texts)}]]`;

/** Logit, probability and rank of chosen tokens at every position. */
export const trackedPython = (
  facts: RunFacts,
  { texts, temperature }: { texts: readonly string[]; temperature: number },
): string =>
  pythonText([
    ...pythonRun(facts),
    chosen(texts),
    ...perRun(facts, ({ name, suffix: s, logits }) => [
      `probs${s} = torch.softmax(${logits}[0] / ${pyNumber(temperature)}, dim=-1)`,
      `for token in chosen:`,
      `    rank${s} = 1 + (${logits}[0] > ${logits}[0, :, token, None]).sum(dim=-1)`,
      `    print(${pyString(name)}, repr(model.to_string(token)), probs${s}[:, token], rank${s}, ${logits}[0, :, token])`,
    ]),
  ]);

/**
 * Every state through the final LayerNorm, computed anew for it, and the unembedding. `model.ln_final` is called on the states
 * itself: older versions of TransformerLens give `apply_ln=True` the last state's scale (its issue 1076).
 */
export const lensPython = (
  facts: RunFacts,
  { texts, mid }: { texts: readonly string[]; mid: boolean },
): string =>
  pythonText([
    ...pythonRun(facts),
    `bit = ${Math.LN2}  # ln 2 nats`,
    ...(texts.length > 0 ? [chosen(texts)] : []),
    ...perRun(facts, ({ name, suffix: s, logits, cache }) => [
      `resid${s}, labels = ${cache}.accumulated_resid(layer=-1, incl_mid=${pyBool(mid)}, return_labels=True)`,
      `lens${s} = model.unembed(model.ln_final(resid${s}[:, 0]))  # [state, pos, d_vocab]`,
      `log_probs${s} = torch.log_softmax(lens${s}, dim=-1)`,
      `final${s} = torch.log_softmax(${logits}[0], dim=-1)`,
      `entropy${s} = -(log_probs${s}.exp() * log_probs${s}).sum(dim=-1) / bit  # bits`,
      `kl${s} = (final${s}.exp() * (final${s} - log_probs${s})).sum(dim=-1) / bit  # KL(final || lens), bits`,
      `for i, label in enumerate(labels):`,
      `    tokens_here = [model.to_string(token) for token in lens${s}[i].argmax(dim=-1).tolist()]`,
      `    print(${pyString(name)}, label, tokens_here, entropy${s}[i], kl${s}[i])`,
      ...(texts.length > 0
        ? [
            `    for token in chosen:`,
            `        rank${s} = 1 + (lens${s}[i] > lens${s}[i, :, token, None]).sum(dim=-1)`,
            `        print("   ", repr(model.to_string(token)), log_probs${s}[i, :, token].exp(), rank${s})`,
          ]
        : []),
    ]),
  ]);
