/** What is probed, where and how: the options of this part as one question. */
import { useMemo } from "react";
import {
  NUMBER_RULES,
  PROBE_LOSSES,
  PROBE_READS,
  HEAD_SITES,
  PROBE_SITES,
  type ProbePlace,
  type ProbeQuestion,
  type ProbeRequest,
  type ProbeRule,
  type ProbeSite,
  type ProbeSource,
  TOKEN_RULES,
} from "../../../core/probe.ts";
import { LIBRARY_IDS } from "../../../core/task-library.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice, useRead, wholeIn } from "../../../state/options-slice.ts";

export const DATA = ["rule", "task", "own"] as const;
export const RULES: readonly [ProbeRule, ...ProbeRule[]] = [
  "begins a word",
  ...TOKEN_RULES.slice(1),
  ...NUMBER_RULES,
];
const BY = ["answer", "role"] as const;
const HEADS = ["together", "each"] as const;
const YES = ["yes", "no"] as const;
const FOLDS = ["1", "5"] as const;
export const MOST = { texts: 2000, cases: 20_000, shuffles: 20 };

const readSites = (text: string): ProbeSite[] | null => {
  const found = PROBE_SITES.filter((site) => text.split(" ").includes(site));
  return found.length > 0 ? found : null;
};
const FIRST_SITES: ProbeSite[] = ["hook_resid_post"];

/** Choices of the data. */
export function useProbeData() {
  const [data, setData] = useChoice("probes.data", DATA);
  const [rule, setRule] = useChoice<ProbeRule>("probes.rule", RULES);
  const [task, setTask] = useChoice("probes.task", ["pronoun", ...LIBRARY_IDS]);
  const [by, setBy] = useChoice("probes.by", BY);
  const [texts, setTexts] = useRead("probes.texts", wholeIn(1, MOST.texts), 100);
  const [most, setMost] = useRead("probes.most", wholeIn(10, MOST.cases), 1500);
  const [balanced, setBalanced] = useChoice("probes.balanced", YES);
  const [seed, setSeed] = useRead("probes.seed", wholeIn(0, 999_999), 0);
  const table = useLab((s) => s.probeTable);
  const request = useMemo((): ProbeRequest | null => {
    const source: ProbeSource | null =
      data === "rule"
        ? { kind: "rule", rule }
        : data === "task"
          ? { kind: "task", task, by }
          : table && { kind: "own", ...table };
    return source && { source, texts, most, balanced: balanced === "yes", seed };
  }, [data, rule, task, by, table, texts, most, balanced, seed]);
  return {
    ...{ data, setData, rule, setRule, task, setTask, by, setBy, texts, setTexts, most, setMost },
    ...{
      balanced: balanced === "yes",
      setBalanced: (on: boolean) => setBalanced(on ? "yes" : "no"),
    },
    ...{ seed, setSeed, table, request },
  };
}
export type ProbeData = ReturnType<typeof useProbeData>;

/** Choices of where and how. */
export function useProbePlaces({ n_layer, n_head }: Gpt2Config) {
  const [sites, setSites] = useRead<ProbeSite[]>("probes.sites", readSites, FIRST_SITES, (list) =>
    list.join(" "),
  );
  const [heads, setHeads] = useChoice("probes.heads", HEADS);
  const [read, setRead] = useChoice("probes.read", PROBE_READS);
  const [loss, setLoss] = useChoice("probes.loss", PROBE_LOSSES);
  const [folds, setFolds] = useChoice("probes.folds", FOLDS);
  const [shuffles, setShuffles] = useRead("probes.shuffles", wholeIn(0, MOST.shuffles), 3);
  const layers = Array.from({ length: n_layer }, (_, layer) => layer);
  const places = sites.flatMap((site) =>
    layers.flatMap((layer): ProbePlace[] =>
      HEAD_SITES.includes(site) && heads === "each"
        ? Array.from({ length: n_head }, (_, head) => ({ site, layer, head }))
        : [{ site, layer, head: null }],
    ),
  );
  const question = (request: ProbeRequest, numbers: boolean): ProbeQuestion => ({
    ...{ request, places, read, shuffles },
    loss: numbers ? "linear" : loss,
    folds: folds === "5" ? 5 : 1,
  });
  return {
    ...{ sites, setSites, heads, setHeads, read, setRead, loss, setLoss, folds, setFolds },
    ...{ shuffles, setShuffles, places, question },
  };
}
export type ProbePlaces = ReturnType<typeof useProbePlaces>;
