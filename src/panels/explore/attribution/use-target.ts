/** Which logit is asked about: the settings, and the question that they make. */
import type { TargetChoice } from "../../../core/attribution.ts";
import { useChoice, useText } from "../../../state/options-slice.ts";

export function useTarget() {
  const [of, setOf] = useChoice("attribution.of", ["likeliest", "next", "token"]);
  const [token, setToken] = useText("attribution.token", "");
  const [minus, setMinus] = useChoice("attribution.minus", ["nothing", "runnerUp", "token"]);
  const [minusToken, setMinusToken] = useText("attribution.minusToken", "");
  const typing = (of === "token" && token === "") || (minus === "token" && minusToken === "");
  /** null while a token is still to be typed. */
  const choice: TargetChoice | null = typing
    ? null
    : {
        target: of === "token" ? { text: token } : of,
        against: minus === "token" ? { text: minusToken } : minus,
      };
  const typed = of === "token" || minus === "token";
  return {
    ...{ of, setOf, token, setToken, minus, setMinus, minusToken, setMinusToken },
    ...{ choice, typed },
  };
}
/** In place of the Python. */
export const NO_TARGET = { none: "a token is still to be typed." };
export type TargetSettings = ReturnType<typeof useTarget>;
