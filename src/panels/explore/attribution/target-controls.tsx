/** Chooses the logit, or the difference of two, that is attributed. */
import { Select } from "../../../ui/field.tsx";
import { TokenField } from "../../../ui/token-field.tsx";
import type { TargetSettings } from "./use-target.ts";

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
        {of === "token" && <TokenField label="Token" value={token} onChange={setToken} />}
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
          <TokenField label="Other token" value={minusToken} onChange={setMinusToken} />
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
