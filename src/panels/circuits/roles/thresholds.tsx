/** From where on a number speaks for a role: the lab's own bounds, to be moved. */
import type { RoleLeast, RolesAnswer } from "../../../core/head-roles.ts";
import { Button } from "../../../ui/button.tsx";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { LEAST_NAMES, LEAST_RANGE, useLeast } from "./use-roles.ts";

const NAME: Record<keyof RoleLeast, string> = {
  diagonal: "Mean diagonal",
  copying: "Copying",
  correlation: "Correlation",
  effect: "Effect, of the logit difference",
  attention: "Attention to S2",
  errors: "Standard errors of a rise",
};

export function Thresholds({ answer }: { answer: RolesAnswer | null }) {
  const { least, set, reset, isOwn } = useLeast();
  const isOther = answer !== null && LEAST_NAMES.some((name) => answer.least[name] !== least[name]);
  return (
    <details className="role-thresholds">
      <summary>Thresholds{isOwn ? "" : ", changed"}</summary>
      <div className="stack">
        <p className="quiet">
          What a head must reach. The bounds are this lab’s, not the paper’s; the heads below follow
          at once.
        </p>
        <div className="patch-settings">
          {LEAST_NAMES.map((name) => (
            <SmallNumber
              key={name}
              label={NAME[name]}
              value={least[name]}
              onChange={(value) => set(name, value)}
              min={LEAST_RANGE[name].least}
              max={LEAST_RANGE[name].most}
            />
          ))}
          <Button kind="quiet" disabled={isOwn} onClick={reset}>
            The lab’s own
          </Button>
        </div>
        {isOther && (
          <p role="status">
            Paths and rises were measured by other thresholds, with{" "}
            {answer.movers.length === 0
              ? "no head as a mover"
              : `the movers ${answer.movers.join(", ")}`}
            : look at the heads again to measure them anew.
          </p>
        )}
      </div>
    </details>
  );
}
