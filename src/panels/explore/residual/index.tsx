/** The residual stream over layers and positions: how long it is, and how much each part adds. */
import { useFigure } from "../../../state/figures-slice.ts";
import { WhenAsked } from "../asked-state.tsx";
import { NormsFigure } from "./norms-figure.tsx";
import { WHAT_ADDED, WHAT_STREAM } from "./what.ts";

export default function ResidualView() {
  const asked = useFigure("residual", {});
  return (
    <WhenAsked asked={asked} what="The residual stream">
      {(sides) => (
        <div className="stack">
          <NormsFigure
            title="Length of the residual stream"
            name="residual-norms"
            what={WHAT_STREAM}
            sides={sides}
            rows={({ states }) => states}
            norms={({ stateNorms }) => stateNorms.data}
          />
          <NormsFigure
            title="Length of what is added"
            name="component-norms"
            what={WHAT_ADDED}
            sides={sides}
            rows={({ components }) => components}
            norms={({ componentNorms }) => componentNorms.data}
          />
        </div>
      )}
    </WhenAsked>
  );
}
