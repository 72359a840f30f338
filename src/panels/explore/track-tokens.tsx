/** The tokens that are followed: typed as text, let go one by one. */
import { useState } from "react";
import { useTracked } from "../../state/tracked-slice.ts";
import { asSentence } from "../../ui/advice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Token } from "../../ui/token.tsx";
import { tokenText } from "../../ui/token-text.ts";
import "./track-tokens.css";

export function TrackTokens() {
  const { tracked, add, remove } = useTracked();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const follow = () => {
    if (text === "") return;
    const error = add(text);
    setProblem(error && asSentence(error.message));
    if (!error) setText("");
  };
  return (
    <div className="track-tokens">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          follow();
        }}
      >
        <TextField
          label="Track a token"
          placeholder="a word, with its space"
          mono
          value={text}
          error={problem}
          onChange={(next) => {
            setText(next);
            setProblem(null);
          }}
        />
        <Button disabled={text === ""} onClick={follow}>
          Track
        </Button>
      </form>
      {tracked.length > 0 && (
        <ul aria-label="Tracked tokens">
          {tracked.map(({ text: each, id }) => (
            <li key={each}>
              <Token token={each} />
              {id === null && <span className="quiet">not one token here</span>}
              <IconButton
                icon="close"
                label={`Track ${tokenText(each)} no more`}
                onClick={() => remove(each)}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
