/** Where each head looks, and beside it what the model expects next. */
import { patternDims } from "../../../charts/attention.ts";
import { useLab } from "../../../state/context.ts";
import { AttentionFigure } from "./attention-figure.tsx";
import { HeadFigure } from "./head-figure.tsx";
import { PredictionFigure } from "./prediction-figure.tsx";

export function AttentionView() {
  const view = useLab((s) => s.shownView);
  const head = useLab((s) => s.head);
  const stale = useLab((s) => s.promptView.status === "failed");
  if (!view) return null; // the notices above say what is going on
  const { layers, heads } = patternDims(view.pattern);
  const open = head && head.layer < layers && head.head < heads ? head : null;
  return (
    <div className={stale ? "explore stale" : "explore"}>
      {open ? <HeadFigure view={view} head={open} /> : <AttentionFigure view={view} />}
      <PredictionFigure view={view} />
    </div>
  );
}
