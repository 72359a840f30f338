/** Chooses the logit, or the difference of two, that is attributed. */
import { Select, TextField } from "../../../ui/field.tsx";
import { tokenText } from "../../../ui/token-text.ts";
import type { TargetSettings } from "./use-target.ts";

const reading = (text: string) =>
  text === "" ? "with the space before it" : `read as ${tokenText(text)}`;

/** @param complaint what is wrong with a typed token */
export function TargetControls({
  settings,
  complaint,
}: {
  settings: TargetSettings;
  complaint: string | null;
}) {
  const { of, setOf, token, setToken, minus, setMinus, minusToken, setMinusToken } = settings;
  return (
    <div className="target-controls">
      <div className="row">
        <Select
          label="Logit of"
          value={of}
          options={[
            { value: "likeliest", label: "the likeliest next token" },
            { value: "next", label: "the actual next token" },
            { value: "token", label: "a token …" },
          ]}
          onChange={setOf}
        />
        {of === "token" && (
          <TextField
            label="Token"
            mono
            value={token}
            hint={reading(token)}
            onChange={setToken}
            maxLength={200}
          />
        )}
        <Select
          label="minus that of"
          value={minus}
          options={[
            { value: "nothing", label: "nothing" },
            { value: "runnerUp", label: "the likeliest other token" },
            { value: "token", label: "a token …" },
          ]}
          onChange={setMinus}
        />
        {minus === "token" && (
          <TextField
            label="Other token"
            mono
            value={minusToken}
            hint={reading(minusToken)}
            onChange={setMinusToken}
            maxLength={200}
          />
        )}
      </div>
      {complaint !== null && (
        <p className="field-error" role="status">
          {complaint}
        </p>
      )}
    </div>
  );
}
