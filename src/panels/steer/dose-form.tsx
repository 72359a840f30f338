/** What of a dose–response: whose strength, from where to where, of which tokens, of which text. Kept among the options. */
import { useState, type ReactNode } from "react";
import { sourceName, type SteerRow } from "../../core/steer.ts";
import type { DoseRequest, DoseToken } from "../../core/dose.ts";
import { useLab } from "../../state/context.ts";
import { defaultDoseTokens } from "../../state/dose-slice.ts";
import { useText } from "../../state/options-slice.ts";
import { factsOf, featureMax } from "../../state/steer-slice.ts";
import type { OptionName } from "../../state/option-names.ts";
import { readTexts } from "../../state/tracked-slice.ts";
import { asSentence } from "../../ui/advice.ts";
import { IconButton } from "../../ui/button.tsx";
import { toLabError } from "../../core/lab-error.ts";
import { Select, TextField } from "../../ui/field.tsx";
import { SmallNumber } from "../../ui/small-number.tsx";
import { Token } from "../../ui/token.tsx";
import { tokenText } from "../../ui/token-text.ts";
import { strengthOf, unitOf } from "./strength.ts";

const MOST_TOKENS = 6;
const MOST_STEPS = 201;

export function useDoseForm(): {
  fields: ReactNode;
  request: DoseRequest | null;
  /** Why there is nothing to ask. */
  missing: string | null;
} {
  const rows = useLab((s) => s.steerRows);
  const [chosen, setChosen] = useText("dose.row", "");
  const row = whichRow(rows, chosen);
  const { unit, reach, words } = useUnit(row);
  const [from, setFrom] = useNumber("dose.from", -reach);
  const [to, setTo] = useNumber("dose.to", reach);
  const [points, setPoints] = useNumber("dose.points", 21);
  const [text, setText] = useText("dose.text", "");
  const [wrong, setWrong] = useState(0);
  const { tokens, fields: tokenFields } = useTokens();
  const count = Math.min(MOST_STEPS, Math.max(2, Math.round(points)));
  const onWrong = (is: boolean) => setWrong((n) => n + (is ? 1 : -1));
  const able = rows.some(({ mode, on }) => on && mode !== "ablate");
  const missing = !able
    ? "Add a row whose strength can be changed."
    : from >= to
      ? "The range ends before it begins."
      : null;
  const number = (label: string, value: number, onChange: (n: number) => void, step: number) => (
    <SmallNumber
      shown={label}
      {...{ label: `${label} of the strengths`, value, onChange, step, onWrong }}
      min={-1e5}
      max={1e5}
    />
  );
  const fields = (
    <div className="dose-form">
      <Select
        label="Strength of"
        value={row === null ? "all" : String(row)}
        options={[
          ...rows.flatMap((each, i) =>
            each.mode === "ablate" ? [] : [{ value: String(i), label: sourceName(each.source) }],
          ),
          { value: "all", label: "all rows together" },
        ]}
        onChange={setChosen}
      />
      {number("From", from, setFrom, reach / 10)}
      {number("To", to, setTo, reach / 10)}
      <SmallNumber
        label="Points"
        value={points}
        onChange={setPoints}
        whole
        min={2}
        max={MOST_STEPS}
        onWrong={onWrong}
      />
      <span className="quiet dose-unit">{words}</span>
      {tokenFields}
      <TextField
        label="Perplexity of"
        placeholder="the prompt, or a neutral text"
        value={text}
        onChange={setText}
        maxLength={200}
      />
    </div>
  );
  if (missing !== null || wrong > 0) return { fields, request: null, missing };
  const doses = Array.from({ length: count }, (_, i) =>
    Number((from + ((to - from) * i) / (count - 1)).toPrecision(12)),
  );
  const request = { row, doses, unit, tokens, text: text.trim() === "" ? null : text };
  return { fields, request, missing: null };
}

/** The row named; without one the first whose strength can be changed. */
function whichRow(rows: readonly SteerRow[], chosen: string): number | null {
  const able = ({ mode, on }: SteerRow) => on && mode !== "ablate";
  if (chosen === "all") return null;
  const index = chosen === "" ? -1 : Number(chosen);
  const named = rows[index];
  if (named && named.mode !== "ablate") return index;
  const first = rows.findIndex(able);
  return first < 0 ? null : first;
}

/** c of strength 1, and how far the range goes by itself. */
function useUnit(index: number | null): { unit: number; reach: number; words: string } {
  const row = useLab((s) => (index === null ? undefined : s.steerRows[index]));
  const largest = useLab((s) => (row ? featureMax(s, row.source) : null));
  const facts = useLab((s) => (row && index !== null ? factsOf(s, row, index) : null));
  if (!row) return { unit: 1, reach: 5, words: "× all amounts" };
  const own = unitOf(row, facts, largest);
  const { max: reach } = strengthOf(row, own);
  const words = row.mode === "multiply" ? "as the factor" : own.unit === "raw" ? "as c" : own.words;
  return { unit: own.size, reach, words };
}

function useNumber(name: OptionName, fallback: number) {
  const [text, setText] = useText(name, String(fallback));
  const value = Number(text);
  const good = text !== "" && Number.isFinite(value);
  return [good ? value : fallback, (n: number) => setText(String(n))] as const;
}

/** Whose chances are told: those named, else the likeliest token and the one that steering raises most. */
function useTokens(): { tokens: DoseToken[]; fields: ReactNode } {
  const [option, setOption] = useText("dose.tokens", "[]");
  const tokenOf = useLab((s) => s.tokenOf);
  const shown = useLab((s) => s.shownSteered);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const texts = readTexts(option);
  const idOf = (string: string): number | null => {
    try {
      return tokenOf(string);
    } catch {
      return null;
    }
  };
  const named = texts.flatMap((string) => {
    const id = idOf(string);
    return id === null ? [] : [{ id, string }];
  });
  const tokens = named.length > 0 ? named : shown ? defaultDoseTokens(shown) : [];
  const add = () => {
    if (text === "") return;
    try {
      tokenOf(text);
    } catch (e) {
      setProblem(asSentence(toLabError(e).message));
      return;
    }
    const next = [...new Set([...texts, text])];
    if (next.length > MOST_TOKENS) {
      setProblem(`At most ${MOST_TOKENS} tokens; let one go first.`);
      return;
    }
    setOption(JSON.stringify(next));
    setText("");
  };
  const fields = (
    <form
      className="dose-tokens"
      onSubmit={(e) => {
        e.preventDefault();
        add();
      }}
    >
      <TextField
        label="Chances of"
        placeholder="a token, with its space"
        mono
        value={text}
        error={problem}
        onChange={(next) => {
          setText(next);
          setProblem(null);
        }}
      />
      <ul
        className="row"
        aria-label={named.length > 0 ? "Tokens named" : "Tokens chosen by themselves"}
      >
        {tokens.map(({ id, string }) => (
          <li key={id} className="row">
            <Token token={string} />
            {named.length > 0 && (
              <IconButton
                icon="close"
                label={`Leave ${tokenText(string)} out`}
                onClick={() => setOption(JSON.stringify(texts.filter((other) => other !== string)))}
              />
            )}
          </li>
        ))}
      </ul>
    </form>
  );
  return { tokens, fields };
}
