/** Token-pair tracing: which head, from which token to which, of which prompt; and the two figures. */
import { useEffect } from "react";
import { LabError } from "../../../core/lab-error.ts";
import type { PairQuestion, PairTrace } from "../../../core/pair-trace.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useRead, useText, wholeIn } from "../../../state/options-slice.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import { Empty } from "../../../ui/empty.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Select, TextField } from "../../../ui/field.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { tokenLabels, tokenText } from "../../../ui/token-text.ts";
import { ScoreFigure, ValueFigure } from "./trace-figures.tsx";

/** The prompt of the bench, or a pair's clean prompt. */
const PROMPT = "prompt";

export function TracePart({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const selected = useLab((s) => s.head);
  const selectHead = useLab((s) => s.selectHead);
  const view = useLab((s) => s.shownView);
  const [of, setOf] = useText("trace.of", "1");
  const [asked, setQuery] = useRead("trace.query", wholeIn(-1, config.n_positions - 1), -1);
  const [askedKey, setKey] = useRead("trace.key", wholeIn(-1, config.n_positions - 1), -1);
  const [token, setToken] = useText("trace.token", "");
  const runnable = open.read.flatMap((pair, i) => (pair.problem === null ? [{ pair, i }] : []));
  const chosen = runnable.find(({ i }) => String(i + 1) === of) ?? runnable[0];
  const prompt =
    of === PROMPT && view ? view.tokens : (chosen?.pair.clean ?? { ids: [], strings: [] });
  const head =
    selected && selected.layer < config.n_layer && selected.head < config.n_head
      ? selected
      : { layer: config.n_layer - 1, head: 0 };
  const T = prompt.ids.length;
  const query = asked < 0 || asked >= T ? T - 1 : asked;
  const along: PairQuestion["along"] =
    token !== ""
      ? { token }
      : of === PROMPT || !chosen
        ? null
        : { answers: chosen.pair.answers, wrong: chosen.pair.wrong };
  const about = (key: number): PairQuestion => ({ ids: prompt.ids, ...head, query, key, along });
  const idOf = (key: number) => JSON.stringify([open.stamp, about(key)]);
  // Where no key was chosen, the one that the head looks at most, as any trace of the query tells.
  const isChosen = askedKey >= 0 && askedKey <= query;
  const first = useLab((s) => s.pairTraces[idOf(0)]) ?? null;
  const key = isChosen ? askedKey : first && !(first instanceof LabError) ? strongestKey(first) : 0;
  const id = idOf(key);
  const found = useLab((s) => s.pairTraces[id]) ?? null;
  const trace = useLab((s) => s.tracePair);
  useEffect(() => {
    const [, question] = JSON.parse(id) as [string, PairQuestion];
    if (question.ids.length > 0) void trace(id, question);
  }, [trace, id]);

  const labels = tokenLabels(prompt.strings);
  const name = `${head.layer}.${head.head}`;
  const tokenName = (at: number) => `${at} ${tokenText(prompt.strings[at] ?? "")}`;
  const heads = Array.from({ length: config.n_layer * config.n_head }, (_, i) => ({
    layer: Math.floor(i / config.n_head),
    head: i % config.n_head,
  }));
  const shown = { head: name, query: tokenName(query), at: tokenName(key), question: about(key) };
  const weights = !found || found instanceof LabError ? null : found.keys;
  return (
    <section className="stack" aria-labelledby="trace-title">
      <h2 id="trace-title" className="small-title">
        Why did a head write this?
      </h2>
      <div className="patch-settings">
        <Select
          label="Prompt"
          value={of === PROMPT && view ? PROMPT : String((chosen?.i ?? 0) + 1)}
          options={[
            ...(view ? [{ value: PROMPT, label: "the prompt above" }] : []),
            ...runnable.map(({ i }) => ({ value: String(i + 1), label: `pair ${i + 1}, clean` })),
          ]}
          onChange={setOf}
        />
        <Select
          label="Head"
          value={name}
          options={heads.map((one) => ({
            value: `${one.layer}.${one.head}`,
            label: `${one.layer}.${one.head}`,
          }))}
          onChange={(text) => selectHead(heads.find((one) => `${one.layer}.${one.head}` === text)!)}
        />
        <Select
          label="From (query)"
          value={String(query)}
          options={labels.map((_, at) => ({ value: String(at), label: tokenName(at) }))}
          onChange={(text) => setQuery(Number(text))}
        />
        <Select
          label="To (key)"
          value={String(key)}
          options={labels.slice(0, query + 1).map((_, at) => ({
            value: String(at),
            label: `${tokenName(at)}${weights?.[at] ? `: ${weights[at].weight.toFixed(2)}` : ""}`,
          }))}
          onChange={(text) => setKey(Number(text))}
        />
        <TextField
          label="Along the logit of"
          placeholder={along && "answers" in along ? "answer − wrong" : "the likeliest token"}
          value={token}
          onChange={setToken}
          mono
        />
      </div>
      {T === 0 ? (
        <Empty title="There is no prompt to trace">Type one above, or open a task.</Empty>
      ) : found instanceof LabError ? (
        <ErrorCard title="This pair cannot be traced" error={found} />
      ) : !found ? (
        <Progress label="Tracing" share={null} />
      ) : (
        <div className="stack">
          <ScoreFigure {...shown} trace={found} />
          <ValueFigure
            {...shown}
            trace={found}
            along={`${found.plus.map(tokenText).join(", ")}${found.minus.length > 0 ? ` − ${found.minus.map(tokenText).join(", ")}` : ""}`}
          />
        </div>
      )}
    </section>
  );
}

const strongestKey = ({ keys }: PairTrace): number =>
  keys.reduce((best, { weight }, k) => (weight > keys[best]!.weight ? k : best), 0);
