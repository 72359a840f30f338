/** The levels from the logits backwards: each is where one can go back to. */
import { Button } from "../../../ui/button.tsx";
import { type PathOptions, receiverLabel } from "./use-path-question.ts";

const SHOWN = 4; // receivers named on a button

export function LevelTrail({ options }: { options: PathOptions }) {
  const { levels, setLevels, level, setLevel } = options;
  const all = [["logits"], ...levels];
  return (
    <nav className="row path-levels" aria-label="Levels, from the logits backwards">
      {all.map((names, i) => {
        const label = names.slice(0, SHOWN).map(receiverLabel).join(", ");
        const more = names.length - SHOWN;
        return (
          <span key={i} className="row tight-row">
            {i > 0 && <span aria-hidden="true">←</span>}
            <button
              type="button"
              className={`button level ${i === level ? "chosen" : ""}`}
              aria-current={i === level ? "step" : undefined}
              title={names.map(receiverLabel).join(", ")}
              onClick={() => setLevel(i)}
            >
              {label}
              {more > 0 && ` + ${more}`}
            </button>
          </span>
        );
      })}
      {levels.length > 0 && (
        <Button
          kind="quiet"
          onClick={() => {
            setLevels(levels.slice(0, -1));
            if (level === levels.length) setLevel(level - 1);
          }}
        >
          Drop the last level
        </Button>
      )}
    </nav>
  );
}
