/** Which score of heads is shown, and whether the grid stands in its order. */
import { scoreTitle, type ScoreName } from "../../../charts/head-score-words.ts";
import { Dropdown } from "../../../ui/dropdown.tsx";
import { Checkbox } from "../../../ui/field.tsx";
import { useOrder } from "./options.ts";
import type { HeadScores } from "./use-scores.ts";

export function ScoreChoice({ scores }: { scores: HeadScores }) {
  const { choice, choices, choose } = scores;
  return (
    <Dropdown
      label="Score of heads"
      value={choice}
      choices={choices.map((value) => {
        if (value === "none") return { value, label: "no score" };
        const [on, score] = value.split(".") as ["repeats" | "prompt", ScoreName];
        const group = on === "repeats" ? "On random tokens, repeated" : "On this prompt";
        return { value, label: scoreTitle(score), group };
      })}
      onChange={choose}
    />
  );
}

export function GridOrder({ scores }: { scores: HeadScores }) {
  const [order, setOrder] = useOrder();
  return (
    <>
      <ScoreChoice scores={scores} />
      {scores.score !== null && (
        <Checkbox
          label="Largest score first"
          checked={order === "score"}
          onChange={(on) => setOrder(on ? "score" : "layer")}
        />
      )}
    </>
  );
}
