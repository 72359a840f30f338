/** The prompt as the model reads it. Always on screen: the position selected here is the one shown everywhere. */
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { shownCell } from "../../state/view-slice.ts";
import { TokenStrip } from "../../ui/token.tsx";

export function PromptTokens() {
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const cell = useLab(shownCell);
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
          hovered={cell?.q}
          related={cell?.k}
        />
      ) : (
        <span className="quiet">shown once the model has read the prompt</span>
      )}
    </div>
  );
}
