/** Python for the figures of the residual stream. */
import { perRun, pythonRun, pythonText, type RunVariables } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

export type ResidualFigure = "length" | "turn" | "between" | "mean" | "added" | "along" | "share";

export function residualPython(facts: RunFacts, figure: ResidualFigure): string {
  return pythonText([...pythonRun(facts), ...perRun(facts, (run) => [...LINES[figure](run), ""])]);
}

const states = ({ suffix: s, cache }: RunVariables): string[] => [
  `stack${s}, labels${s} = ${cache}.accumulated_resid(layer=-1, incl_mid=True, return_labels=True)`,
  `states${s} = stack${s}[:, 0]  # [state, pos, d_model]`,
];
const parts = ({ suffix: s, cache }: RunVariables): string[] => [
  `added${s}, labels${s} = ${cache}.decompose_resid(layer=-1, return_labels=True)`,
  `parts${s} = added${s}[:, 0]  # [component, pos, d_model]`,
];
const between = (s: string) =>
  `cosines${s} = torch.cosine_similarity(states${s}[:, None], states${s}[None], dim=-1)  # [state, state, pos]`;

const LINES: Record<ResidualFigure, (run: RunVariables) => string[]> = {
  length: (run) => [...states(run), `print(states${run.suffix}.norm(dim=-1))  # [state, pos]`],
  turn: (run) => [
    ...states(run),
    `print(torch.cosine_similarity(states${run.suffix}[:-1], states${run.suffix}[1:], dim=-1))`,
  ],
  between: (run) => [...states(run), between(run.suffix), `print(cosines${run.suffix})`],
  mean: (run) => [
    ...states(run),
    between(run.suffix),
    `print(cosines${run.suffix}[:, :, 1:].mean(dim=-1))  # without the first position`,
  ],
  added: (run) => [...parts(run), `print(parts${run.suffix}.norm(dim=-1))  # [component, pos]`],
  along: (run) => {
    const s = run.suffix;
    return [
      ...parts(run),
      ...states(run),
      "# pos_embed is added to embed, 0_attn_out to 0_pre, 0_mlp_out to 0_mid …",
      `before${s} = torch.cat([parts${s}[:1], states${s}[:-1]])`,
      `print(torch.cosine_similarity(parts${s}[1:], before${s}, dim=-1))`,
    ];
  },
  share: (run) => {
    const s = run.suffix;
    return [
      ...parts(run),
      ...states(run),
      `final${s} = states${s}[-1]  # [pos, d_model]`,
      `shares${s} = (parts${s} * final${s}).sum(dim=-1) / final${s}.square().sum(dim=-1)`,
      `print(shares${s}, shares${s}.sum(dim=0))  # sums to 1, unless the stream itself is edited`,
    ];
  },
};
