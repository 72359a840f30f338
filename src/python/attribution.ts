/** Python for the attribution figures: the definition itself, since `logit_attrs` adds up only where LayerNorm is folded. */
import type { TargetChoice } from "../core/attribution.ts";
import { pyString } from "./literal.ts";
import { isEdited, perRun, pythonBasis, pythonRun, pythonText, type RunVariables } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

export interface AttributionFacts extends TargetChoice {
  by: "component" | "layer" | "head" | "neuron";
  /** The position looked at in each side; null where one has none. */
  at: { a: number | null; b: number | null };
}

const STACK = {
  component: "decompose_resid(layer=-1, return_labels=True)",
  layer: "accumulated_resid(layer=-1, incl_mid=True, return_labels=True)",
  head: "stack_head_results(layer=-1, return_labels=True)",
} as const;

export function attributionPython(facts: RunFacts, asked: AttributionFacts): string {
  return pythonText([
    ...pythonRun(facts),
    "# A component through the final LayerNorm, its scale held as it was in the run, along u.",
    "def attribute(y, u, scale):  # y [..., pos, d_model]",
    "    return ((y - y.mean(dim=-1, keepdim=True)) / scale * u).sum(dim=-1)",
    "",
    ...perRun(facts, (run) => [
      ...targetLines(facts, asked, run),
      ...(asked.by === "neuron"
        ? neuronLines(asked, run)
        : stackLines(facts, asked.by, asked, run)),
      "",
    ]),
  ]);
}

/** Defines target, n, u [n, d_model], bias [n], logit [n] and scale [n, 1] of a run. */
function targetLines(facts: RunFacts, { target, against }: TargetChoice, run: RunVariables) {
  const { suffix: s, tokens, logits, cache } = run;
  const edited = isEdited(facts, run.side);
  const likeliest = target === "likeliest" || against === "runnerUp";
  const count = typeof target === "object" ? `${tokens}.shape[1]` : `target${s}.shape[0]`;
  const whole = (text: string) =>
    `torch.full((n${s},), model.to_single_token(${pyString(text)}), device=model.cfg.device)`;
  const of: string[] =
    target === "likeliest"
      ? [`target${s} = plain${s}.argmax(dim=-1)  # [pos]`, `n${s} = ${count}`]
      : target === "next"
        ? [`target${s} = ${tokens}[0, 1:]  # nothing comes after the last`, `n${s} = ${count}`]
        : [`n${s} = ${count}`, `target${s} = ${whole(target.text)}`];
  const minus: string[] =
    against === "nothing"
      ? []
      : against === "runnerUp"
        ? [
            `others${s} = plain${s}[:n${s}].clone()`,
            `others${s}[torch.arange(n${s}), target${s}] = -torch.inf`,
            `against${s} = others${s}.argmax(dim=-1)`,
          ]
        : [`against${s} = ${whole(against.text)}`];
  const less = (value: (token: string) => string) =>
    `${value("target")}${against === "nothing" ? "" : ` - ${value("against")}`}`;
  const raw = pythonBasis(facts) === "raw";
  return [
    ...(likeliest
      ? [`plain${s} = ${edited ? `model(${tokens})` : logits}[0]  # without edits, [pos, d_vocab]`]
      : []),
    ...of,
    ...minus,
    `W${s} = ${less((name) => `model.W_U[:, ${name}${s}]`)}  # [d_model, pos]`,
    ...(raw
      ? [`u${s} = model.ln_final.w * W${s}.T`, `bias${s} = model.ln_final.b @ W${s}`]
      : [`u${s} = W${s}.T`, `bias${s} = ${less((name) => `model.b_U[${name}${s}]`)}`]),
    `every${s} = torch.arange(n${s})`,
    `logit${s} = ${less((name) => `${logits}[0, every${s}, ${name}${s}]`)}`,
    `scale${s} = ${cache}["ln_final.hook_scale"][0, :n${s}]`,
  ];
}

function stackLines(
  { model, edits }: RunFacts,
  by: keyof typeof STACK,
  { at }: AttributionFacts,
  { side, suffix: s, cache }: RunVariables,
): string[] {
  const position = at[side];
  const final = `${cache}["blocks.${model.config.n_layer - 1}.hook_resid_post"][0, :n${s}]`;
  const stream = edits.some(({ target: { kind } }) =>
    ["resid", "feature", "direction"].includes(kind),
  );
  const whole =
    by === "layer" ? `written${s}[-1]` : by === "component" ? `written${s}.sum(dim=0)` : null;
  return [
    `stack${s}, labels${s} = ${cache}.${STACK[by]}`,
    `written${s} = attribute(stack${s}[:, 0, :n${s}], u${s}, scale${s})  # [part, pos]`,
    ...(position === null ? [] : printed(`written${s}[:, ${position}]`, `labels${s}`)),
    ...(whole === null ? [] : [`print(${whole} + bias${s}, logit${s})`]),
    ...(by === "component" && stream
      ? [
          "# What edits of the stream put there; 0 without one.",
          `print(attribute(${final} - stack${s}[:, 0, :n${s}].sum(dim=0), u${s}, scale${s}))`,
        ]
      : []),
  ];
}

function neuronLines({ at }: AttributionFacts, { side, suffix: s, cache }: RunVariables): string[] {
  const position = at[side];
  if (position === null) return ["# This side has no such position."];
  return [
    `stack${s}, labels${s} = ${cache}.stack_neuron_results(layer=-1, pos_slice=${position}, return_labels=True)`,
    `written${s} = attribute(stack${s}[:, 0], u${s}[${position}], scale${s}[${position}])  # [neuron]`,
    `for i in written${s}.argsort(descending=True).tolist()[:10]:`,
    `    print(labels${s}[i], written${s}[i].item())`,
    `for i in written${s}.argsort().tolist()[:10]:`,
    `    print(labels${s}[i], written${s}[i].item())`,
  ];
}

const printed = (values: string, labels: string): string[] => [
  `for label, value in zip(${labels}, ${values}.tolist()):`,
  "    print(label, value)",
];
