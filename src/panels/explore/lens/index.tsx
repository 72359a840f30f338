/** The logit lens and, beside it, the selected cell. Rows fill while they are computed. */
import type { LensFacts, LensProgress } from "../../../core/prediction.ts";
import { useLab } from "../../../state/context.ts";
import { type Asked, type Sides, useFigure } from "../../../state/figures-slice.ts";
import { useChoice, useRead } from "../../../state/options-slice.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import { useTracked } from "../../../state/tracked-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { Progress } from "../../../ui/progress.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { useAligned } from "../use-aligned.ts";
import { CellFigure } from "./cell-figure.tsx";
import { LensFigure } from "./lens-figure.tsx";
import "./lens.css";

type AskedLens = Asked<Sides<LensFacts>, LensProgress>;

export default function LensView() {
  const [after, setAfter] = useChoice("lens.mid", ["yes", "no"]);
  const { ids } = useTracked();
  const options = { mid: after === "yes", track: ids };
  const asked = useFigure("lens", options);
  const askFigure = useLab((s) => s.askFigure);
  const stopAsking = useLab((s) => s.stopAsking);
  const sides = soFar(asked);
  return (
    <div className="stack">
      {asked.running && <Running asked={asked} onStop={() => stopAsking("figure.lens")} />}
      {asked.stopped && (
        <div className="row">
          <span>Stopped before all cells were computed.</span>
          <Button onClick={() => askFigure("lens", options)}>Compute all</Button>
        </div>
      )}
      <WhenAsked asked={{ ...asked, shown: sides }} what="The logit lens">
        {(shown) => (
          <Ready
            sides={shown}
            mid={after === "yes"}
            onMid={(mid) => setAfter(mid ? "yes" : "no")}
          />
        )}
      </WhenAsked>
    </div>
  );
}

/** The newest that there is: what was told of the question under way (or stopped), else the last answer. */
function soFar({ shown, told }: AskedLens): Sides<LensFacts> | null {
  return told.a ? { a: told.a.soFar, b: told.b?.soFar ?? null } : shown;
}

function Running({ asked: { told }, onStop }: { asked: AskedLens; onStop: () => void }) {
  const progress = told.b ?? told.a;
  const facts = progress
    ? [
        `${progress.done} of ${progress.total} cells`,
        ...(progress.secondsLeft === null ? [] : [`${formatDuration(progress.secondsLeft)} left`]),
      ]
    : [];
  return (
    <Progress
      label={told.b ? "Logit lens, the second side" : "Logit lens"}
      share={progress && progress.done / progress.total}
      facts={facts}
      onCancel={onStop}
      cancelLabel="Stop"
    />
  );
}

interface ReadyProps {
  sides: Sides<LensFacts>;
  mid: boolean;
  onMid: (mid: boolean) => void;
}
function Ready({ sides, mid, onMid }: ReadyProps) {
  const { pairs } = useAligned(sides);
  const { states, tokens } = sides.a;
  const a = useLab(positionIn(tokens));
  const [label, setLabel] = useRead<string>(
    "lens.state",
    (text) => (states.includes(text) ? text : null),
    states.at(-1)!,
  );
  const state = states.indexOf(label);
  const b = pairs.find((pair) => pair.a === a)?.b ?? null;
  return (
    <div className="lens">
      <LensFigure {...{ sides, state, mid, onMid }} onState={(row) => setLabel(states[row]!)} />
      <CellFigure {...{ sides, state }} at={{ a, b }} />
    </div>
  );
}
