/** The prompt as the model reads it. Always on screen: the position selected here is the one shown everywhere. */
import type { PromptView } from "../../core/prompt-view.ts";
import { useLab } from "../../state/context.ts";
import { useStripShade } from "../../state/strip-shade.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { shownCell } from "../../state/view-slice.ts";
import { useVocabulary } from "../../state/vocabulary.ts";
import { TokenStrip } from "../../ui/token.tsx";

export function PromptTokens() {
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const cell = useLab(shownCell);
  const tokens = view?.tokens.strings ?? [];
  const [shade] = useStripShade();
  const most = Math.log2(useVocabulary());
  const surprise = shade === "surprise" && view ? bitsOf(view) : null;
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
          {...(surprise && {
            shade: "feature",
            amounts: surprise.map((bits) => (bits ?? 0) / most),
            describe: (at) => surpriseWords(surprise[at] ?? null),
          })}
        />
      ) : (
        <span className="quiet">shown once the model has read the prompt</span>
      )}
    </div>
  );
}

/** How far each token was expected, −log₂ p in bits; null for the first, which nothing comes before. */
const bitsOf = ({ tokens, actual }: PromptView): (number | null)[] =>
  tokens.ids.map((_, t) => (t === 0 ? null : actual.loss[t - 1]! / Math.LN2));

const surpriseWords = (bits: number | null) =>
  bits === null ? "nothing comes before it" : `surprise ${bits.toFixed(2)} bits`;
