/** The residual stream over layers and positions: how long it is, where it points, and what each part adds. */
import { useFigure } from "../../../state/figures-slice.ts";
import { BasisSwitch } from "../basis-switch.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { AddedFigure } from "./added-figure.tsx";
import { BetweenFigure } from "./between-figure.tsx";
import { StatesFigure } from "./states-figure.tsx";

export default function ResidualView() {
  const asked = useFigure("residual", {});
  return (
    <WhenAsked asked={asked} what="The residual stream">
      {(sides) => (
        <div className="stack">
          <BasisSwitch />
          <StatesFigure sides={sides} />
          <BetweenFigure sides={sides} />
          <AddedFigure sides={sides} />
        </div>
      )}
    </WhenAsked>
  );
}
