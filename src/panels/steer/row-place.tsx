/** At which tokens a row holds: all, the generated ones, or some by number. */
import { useId, useState } from "react";
import type { SteerAt } from "../../core/steer.ts";
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { Dropdown } from "../../ui/dropdown.tsx";
import { readPositions } from "./strength.ts";

type Where = "all" | "generated" | "chosen";
const CHOICES = [
  { value: "all", label: "at all tokens" },
  { value: "generated", label: "at generated tokens" },
  { value: "chosen", label: "at positions …" },
] as const;

export interface RowPlaceProps {
  name: string;
  at: SteerAt;
  onChange: (at: SteerAt) => void;
}

export function RowPlace({ name, at, onChange }: RowPlaceProps) {
  const position = useLab(shownPosition);
  const where: Where = typeof at === "string" ? at : "chosen";
  return (
    <>
      <Dropdown<Where>
        label={`Where ${name} holds`}
        value={where}
        choices={CHOICES}
        onChange={(next) => onChange(next === "chosen" ? [position ?? -1] : next)}
      />
      {typeof at !== "string" && (
        <Positions key={at.join()} name={name} at={at} onChange={onChange} />
      )}
    </>
  );
}

function Positions({
  name,
  at,
  onChange,
}: {
  name: string;
  at: number[];
  onChange: (at: number[]) => void;
}) {
  const [text, setText] = useState(at.join(", "));
  const reason = useId();
  const read = readPositions(text);
  const take = () => {
    if (read && read.join() !== at.join()) onChange(read);
  };
  return (
    <span className="number-input">
      <input
        className="input mono steer-positions"
        aria-label={`Positions of ${name}`}
        title="Positions, from 0; negative ones count from the prompt’s end"
        aria-invalid={read ? undefined : true}
        aria-describedby={read ? undefined : reason}
        value={text}
        onChange={(e) => setText(e.target.value)}
        onBlur={take}
        onKeyDown={(e) => {
          if (e.key === "Enter") take();
        }}
      />
      {!read && (
        <span id={reason} className="number-problem" role="alert">
          whole numbers like 3, -1
        </span>
      )}
    </span>
  );
}
