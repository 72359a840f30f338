/** How far each token was expected: the prompt coloured by surprise, its loss and perplexity, and a table of all numbers. */
import { useMemo, useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import { signedScale } from "../../../charts/matrix-cells.ts";
import type { PredictionFacts } from "../../../core/prediction.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { surprisePython } from "../../../python/prediction.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { useStripShade } from "../../../state/strip-shade.ts";
import { useVocabulary } from "../../../state/vocabulary.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { Checkbox } from "../../../ui/field.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatPercent, formatSigned } from "../../../ui/format.ts";
import { TokenStrip } from "../../../ui/token.tsx";
import { tokenLabels, tokenText } from "../../../ui/token-text.ts";
import { SidesView } from "../sides.tsx";
import { useAligned } from "../use-aligned.ts";
import { type Expected, expectedTokens } from "./expected.ts";
import { ExpectedTable } from "./expected-table.tsx";
import { WHAT_SURPRISE } from "./what.ts";

export function SurpriseFigure({ sides }: { sides: Sides<PredictionFacts> }) {
  const facts = useRunFacts();
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const most = Math.log2(useVocabulary());
  const [strip, setStrip] = useStripShade();
  const [pair, setPair] = useState<number | null>(null);
  const aligned = useAligned(sides);
  const { pairs, labels } = aligned;
  const expected = useMemo(
    () => ({ a: expectedTokens(sides.a), b: sides.b && expectedTokens(sides.b) }),
    [sides],
  );
  const change = useMemo(
    () => expected.b && aligned.difference(bits(expected.a), bits(expected.b), 1),
    [expected, aligned],
  );
  const selectedPair = pairs.findIndex(({ a }) => a === position);
  const select = (at: number) => {
    const a = pairs[at]?.a ?? null;
    if (a !== null) selectPosition(a);
  };
  const shown = pair ?? (selectedPair < 0 ? null : selectedPair);
  const words = (side: "a" | "b") => {
    const at = (shown === null ? undefined : pairs[shown])?.[side] ?? null;
    if (at === null) return "no such token on this side";
    return expectedWords(
      tokenLabels(sides[side]!.tokens.strings)[at]!.text,
      at,
      expected[side]![at]!,
    );
  };

  return (
    <Figure
      title="How far each token was expected"
      name="surprise"
      what={WHAT_SURPRISE}
      table={() => surpriseTable(sides)}
      python={() => surprisePython(facts())}
      controls={
        <Checkbox
          label="Shade the tokens above, too"
          title="Shades the strip below the prompt by surprise, in every view"
          checked={strip === "surprise"}
          onChange={(checked) => setStrip(checked ? "surprise" : "plain")}
        />
      }
    >
      <SidesView
        sides={sides}
        difference={() =>
          change && (
            <Matrix
              values={change}
              rows={["bits"]}
              columns={labels}
              ramp="signed"
              scale={signedScale(change)}
              name="Difference of surprise"
              cellWords={({ column }) => `${labels[column]!}: ${changeWords(change[column]!)}`}
              cellText={({ column }) => formatSigned(change[column]!, 1)}
              cell={pair === null ? null : { row: 0, column: pair }}
              onCell={(cell) => setPair(cell?.column ?? null)}
              onSelect={({ column }) => select(column)}
              selectedColumn={selectedPair < 0 ? null : selectedPair}
            />
          )
        }
      >
        {(ofSide, side) => {
          const ofPair = (at: number) => pairs.findIndex((each) => each[side] === at);
          return (
            <div className="stack">
              <p>{summary(ofSide)}</p>
              <TokenStrip
                label="Tokens by surprise: select a position"
                tokens={ofSide.tokens.strings}
                selected={pairs[selectedPair]?.[side] ?? null}
                onSelect={(at) => select(ofPair(at))}
                onHover={(at) => setPair(at === null ? null : ofPair(at))}
                hovered={pair === null ? null : pairs[pair]?.[side]}
                shade="feature"
                amounts={expected[side]!.map((each) => (each ? each.surprise / most : 0))}
                describe={(at) => shortWords(expected[side]![at]!)}
              />
              <Readout>{words(side)}</Readout>
            </div>
          );
        }}
      </SidesView>
      <ExpectedTable {...{ sides, expected, pairs, selectedPair }} onSelect={select} />
    </Figure>
  );
}

const bits = (expected: readonly (Expected | null)[]): Float32Array =>
  Float32Array.from(expected, (each) => each?.surprise ?? NaN);
const changeWords = (change: number) =>
  Number.isNaN(change) ? "not on both sides" : `${formatSigned(change)} bits`;
const shortWords = (expected: Expected | null) =>
  expected ? `${expected.surprise.toFixed(2)} bits` : "nothing comes before it";

function summary({ meanLoss, perplexity, tokens }: PredictionFacts) {
  if (meanLoss === null || perplexity === null)
    return "One token alone: nothing was to be expected.";
  return (
    <>
      Mean loss <b className="mono">{meanLoss.toFixed(3)}</b> nats (
      <span className="mono">{(meanLoss / Math.LN2).toFixed(3)}</span> bits) a token, perplexity{" "}
      <b className="mono">{perplexity.toPrecision(4)}</b>{" "}
      <span className="quiet">over {tokens.ids.length - 1} tokens</span>
    </>
  );
}

function expectedWords(token: string, at: number, expected: Expected | null) {
  const where = `${token} at ${at}`;
  if (!expected) return `${where}: nothing comes before it`;
  const { surprise, loss, rank, probability, entropy, likeliest } = expected;
  return (
    `${where}: ${surprise.toFixed(3)} bits (${loss.toFixed(3)} nats), rank ${rank}, ` +
    `${formatPercent(probability)}; likeliest ${tokenText(likeliest)}, entropy ${entropy.toFixed(2)} bits`
  );
}

const surpriseTable = (sides: Sides<PredictionFacts>) => ({
  columns: [
    ...["side", "position", "token", "loss (nats)", "surprise (bits)", "rank", "logit"],
    ...["temperature", "probability", "entropy (bits)", "likeliest"],
  ],
  rows: (["a", "b"] as const).flatMap((side) => {
    const facts = sides[side];
    if (!facts) return [];
    return expectedTokens(facts).map((each, t) => {
      const token = facts.tokens.strings[t]!;
      if (!each) return [side, t, token, null, null, null, null, null, null, null, null];
      const { loss, surprise, rank, logit, probability, entropy, likeliest } = each;
      return [
        ...[side, t, token, loss, surprise, rank, logit],
        ...[facts.temperature, probability, entropy, likeliest],
      ];
    });
  }),
});
