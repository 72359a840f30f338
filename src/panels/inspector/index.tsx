/** The right column: facts about whatever is selected, wherever it was selected. */
import { useLab } from "../../state/context.ts";
import { FeatureFacts } from "./feature-facts.tsx";
import { HeadFacts } from "./head-facts.tsx";
import { LayerEdits } from "./layer-edits.tsx";
import { NeuronFacts } from "./neuron-facts.tsx";
import { PositionFacts } from "./position-facts.tsx";

export function Inspector() {
  const view = useLab((s) => s.shownView);
  return (
    <aside className="inspector" aria-label="Inspector" tabIndex={0}>
      {view ? (
        <>
          <PositionFacts view={view} />
          <HeadFacts view={view} />
        </>
      ) : (
        <p className="quiet">Facts about the selected token, head and feature appear here.</p>
      )}
      <NeuronFacts />
      <FeatureFacts />
      {view && <LayerEdits />}
    </aside>
  );
}
