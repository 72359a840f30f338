/** Dose–response: what strength does to the chances of tokens, to the next token's distribution, to the text's perplexity. */
import { useEffect, useState, type ReactNode } from "react";
import { Curves } from "../../charts/curves.tsx";
import { sourceName } from "../../core/steer.ts";
import type { Dose } from "../../core/dose.ts";
import { useLab } from "../../state/context.ts";
import { isDoseOutdated } from "../../state/dose-slice.ts";
import { isEmptyPrompt } from "../../state/prompt-slice.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import type { Table } from "../../ui/figure-numbers.ts";
import { Figure } from "../../ui/figure.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/progress.tsx";
import { tokenText } from "../../ui/token-text.ts";
import { numberWords } from "./strength.ts";
import { tooFar } from "./too-far.ts";
import { useDoseForm } from "./dose-form.tsx";
import { useSteerPython } from "./use-steer-python.ts";

export function DoseResponse() {
  const task = useLab((s) => s.dose);
  const shown = useLab((s) => s.shownDose);
  const left = useLab((s) => s.doseLeft);
  const run = useLab((s) => s.runDose);
  const cancel = useLab((s) => s.cancelDose);
  const empty = useLab(isEmptyPrompt);
  const modelId = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  const read = useLab((s) => s.readDose);
  useEffect(() => void read(), [read, modelId]);
  const { fields, request, missing } = useDoseForm();
  const python = useSteerPython();
  const running = task.status === "running";
  return (
    <Figure
      title="Dose–response"
      name="dose-response"
      className="dose"
      table={() => doseTable(shown)}
      python={shown ? () => python.dose(shown) : python.next}
      what={{
        words: (
          <>
            <p>
              One row’s strength goes through a range, the others stay as they are; or all of them
              together, each amount times the strength. Every point is a run of its own, many of
              them in one batch.
            </p>
            <p>
              ln p is of the tokens named, after the prompt’s last one. KL is of the next token
              there, from the unsteered to the steered distribution. Perplexity is of the prompt’s
              own tokens under steering, or of the text given, and tells when steering breaks the
              model rather than turns it. Rows of generated tokens alone change none of these.
            </p>
          </>
        ),
        formula:
          "KL = Σ p_plain (ln p_plain − ln p_steered), nats\nperplexity = exp(mean over t ≥ 1 of −ln p(token_t | before))",
      }}
      controls={
        running ? (
          <Button icon="stop" onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <Button
            kind="normal"
            icon="play"
            disabled={request === null || empty}
            title={missing ?? undefined}
            onClick={() => request && void run(request)}
          >
            Measure
          </Button>
        )
      }
    >
      {fields}
      {missing && <p className="quiet">{missing}</p>}
      {running && left && (
        <Progress
          label="Measuring"
          share={left.done / left.total}
          facts={[
            `${left.done} of ${left.total} strengths`,
            ...(left.secondsLeft === null ? [] : [`${formatDuration(left.secondsLeft)} left`]),
          ]}
        />
      )}
      {task.status === "failed" && <ErrorCard title="Measuring" error={task.error} />}
      {shown && <Charts dose={shown} running={running} />}
    </Figure>
  );
}

function Charts({ dose, running }: { dose: Dose; running: boolean }) {
  const [cursor, setCursor] = useState<number | null>(null);
  const outdated = useLab((s) => isDoseOutdated(dose, s));
  const rows = useLab((s) => s.steerRows);
  const { doses, effects, tokens, unit, row } = dose;
  const now = row === null ? 1 : (rows[row]?.amount ?? NaN) / unit;
  const what = row === null ? "all rows" : dose.rows[row] ? sourceName(dose.rows[row].source) : "";
  const xWords = (x: number) =>
    row === null
      ? `all amounts × ${numberWords(x)}`
      : `${what} at ${numberWords(x)}${unit === 1 ? "" : `, c = ${numberWords(x * unit)}`}`;
  const common = {
    ...{ x: doses, xWords, cursor, onCursor: setCursor },
    mark: Number.isFinite(now) ? now : null,
    xLabel: row === null ? "strength, × all amounts" : `strength of ${what}`,
    empty: running ? "measuring" : "no values",
  };
  const chances = tokens.map(({ string }, t) => ({
    name: `“${tokenText(string)}”`,
    y: effects.map((effect) => effect?.logProbabilities[t] ?? null),
  }));
  const one = (name: string, y: (number | null)[]) => [{ name, y }];
  return (
    <div className={outdated && !running ? "stale" : undefined}>
      {outdated && !running && (
        <p className="quiet">
          The prompt, the steering or the model changed since this was measured.
        </p>
      )}
      <div className="dose-charts">
        <Curves
          title="Log-probability, nats"
          about="ln p of the token after the prompt’s last one"
          curves={chances}
          format={threeDigits}
          {...common}
        />
        <Curves
          title="KL to the unsteered run, nats"
          about="Of the next token after the prompt: Σ p_plain (ln p_plain − ln p_steered)"
          curves={one(
            "KL",
            effects.map((effect) => effect?.kl ?? null),
          )}
          format={threeDigits}
          {...common}
        />
        <Curves
          title={dose.text === null ? "Perplexity of the prompt" : "Perplexity of the text"}
          about="exp of the mean −ln p of its tokens but the first, each given those before it; logarithmic axis"
          curves={one(
            "perplexity",
            effects.map((effect) => effect?.perplexity ?? null),
          )}
          format={threeDigits}
          log
          {...common}
        />
      </div>
      <Warning {...dose} />
    </div>
  );
}

const threeDigits = (value: number) => numberWords(value);

/** At which strengths the change is longer than the stream. */
function Warning({ doses, effects }: Dose): ReactNode {
  const places = tooFar(doses, effects);
  if (places === null) return null;
  return (
    <p className="steer-change dose-warning warn">
      <Icon name="warning" />
      <span>
        {places}: the change is longer than the residual stream itself at some token (‖Δ‖/‖x‖ above
        1). What the model does there says little of the direction.
      </span>
    </p>
  );
}

function doseTable(dose: Dose | null): Table {
  const tokens = dose?.tokens ?? [];
  return {
    columns: [
      ...["strength", "c"],
      ...tokens.map(({ string }) => `ln p of ${JSON.stringify(string)} (nats)`),
      ...["KL (nats)", "perplexity", "largest ‖Δ‖/‖x‖"],
    ],
    rows: (dose?.doses ?? []).map((strength, i) => {
      const effect = dose!.effects[i] ?? null;
      return [
        ...[strength, dose!.row === null ? null : strength * dose!.unit],
        ...tokens.map((_, t) => effect?.logProbabilities[t] ?? null),
        ...[effect?.kl ?? null, effect?.perplexity ?? null, effect?.change ?? null],
      ];
    }),
  };
}
