/** The prompt as the model reads it. Always on screen: the position selected here is the one shown everywhere. */
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { TokenStrip } from "../../ui/token.tsx";

export function PromptTokens() {
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const hover = useLab((s) => s.hover);
  const tokens = view?.tokens.strings ?? [];
  return (
    <div className="prompt-tokens">
      <span className="prompt-label">
        Tokens <span className="mono quiet">{tokens.length > 0 ? tokens.length : ""}</span>
      </span>
      {tokens.length > 0 ? (
        <TokenStrip
          label="Tokens of the prompt: select a position"
          tokens={tokens}
          selected={position}
          onSelect={selectPosition}
          hovered={hover?.q}
          related={hover?.k}
        />
      ) : (
        <span className="quiet">shown once the model has read the prompt</span>
      )}
    </div>
  );
}
