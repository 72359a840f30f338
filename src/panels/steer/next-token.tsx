/** What comes next, plain and steered: follows the sliders. */
import { useMemo, useState } from "react";
import { comparePredictions, type CompareOrder } from "../../charts/bars.ts";
import { CompareBars } from "../../charts/compare-bars.tsx";
import type { Prediction } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import { isEmptyPrompt } from "../../state/prompt-slice.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import type { Table } from "../../ui/figure-numbers.ts";
import { Figure } from "../../ui/figure.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { useSteerPython } from "./use-steer-python.ts";

export function NextToken() {
  const steered = useLab((s) => s.steered);
  const shown = useLab((s) => s.shownSteered);
  const refresh = useLab((s) => s.refreshSteer);
  const [order, setOrder] = useState<CompareOrder>("steered");
  const python = useSteerPython();
  const comparison = useMemo(
    () => shown && comparePredictions(shown.plain, shown.steered, order),
    [shown, order],
  );
  const empty = useLab(isEmptyPrompt); // the prompt's own note says so
  const failed = steered.status === "failed" && !empty;
  const stale = failed || empty;
  const later = useLab((s) => {
    const on = s.steerRows.filter((row) => row.on);
    return on.length > 0 && on.every(({ at }) => at === "generated");
  });
  return (
    <Figure
      title="Next token"
      name="steered-next-token"
      table={() => steeredTable(shown)}
      python={python.next}
      className="next-token"
      what={{
        words:
          "The probability of each next token after the whole prompt, without steering and with it: the eight likeliest of either. The change is in percentage points. Probabilities are over the whole vocabulary at temperature 1; the last row is all tokens that are not listed.",
        formula: "p = softmax(logits)",
      }}
      controls={
        <Segmented<CompareOrder>
          label="Order of the tokens"
          value={order}
          onChange={setOrder}
          choices={[
            { value: "steered", label: "Steered", title: "Likeliest when steered first" },
            { value: "plain", label: "Plain", title: "Likeliest without steering first" },
            { value: "change", label: "Change", title: "Largest change first" },
          ]}
        />
      }
    >
      {failed && (
        <ErrorCard
          title="Steering the prompt"
          error={steered.error}
          actions={<Button onClick={() => void refresh()}>Try again</Button>}
        />
      )}
      {later && (
        <p className="quiet">
          These rows hold at generated tokens alone: the first token after the prompt is as it was.
        </p>
      )}
      {comparison ? (
        <div className={stale ? "stale" : undefined}>
          {stale && <p>Below is what the last settings gave that ran.</p>}
          <CompareBars
            comparison={comparison}
            caption="Probability of the next token, plain and steered"
          />
        </div>
      ) : (
        !stale && <Progress label="Running the prompt" share={null} />
      )}
    </Figure>
  );
}

/** All tokens that either run lists; a probability that one run does not list is not known. */
function steeredTable(shown: { plain: Prediction; steered: Prediction } | null): Table {
  const columns = ["token", "id", "plain probability", "steered probability"];
  if (!shown) return { columns, rows: [] };
  const { plain, steered } = shown;
  const of = ({ ids, probabilities }: Prediction, id: number) =>
    probabilities[ids.indexOf(id)] ?? null;
  const names = new Map(
    [plain, steered].flatMap(({ ids, strings }) => ids.map((id, i) => [id, strings[i]!] as const)),
  );
  return {
    columns,
    rows: [...names].map(([id, token]) => [token, id, of(plain, id), of(steered, id)]),
  };
}
