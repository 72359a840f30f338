/** The head's copying and matching scores, once the Weights view has computed them. */
import type { HeadId } from "../../state/view-slice.ts";
import { useLab } from "../../state/context.ts";
import { useKnownStudy } from "../../state/figures-slice.ts";
import { formatSigned } from "../../ui/format.ts";

export function HeadCopying({ layer, head }: HeadId) {
  const spectra = useKnownStudy("vocabularySpectra");
  const basis = useLab((s) => s.basis);
  if (spectra?.basis !== basis || layer >= spectra.layers || head >= spectra.heads) return null;
  const at = layer * spectra.heads + head;
  return (
    <dl className="facts">
      {(
        [
          ["copying", "ov", "Σλ / Σ|λ| of W_E W_V W_O W_U: 1 copies what it attends to"],
          ["matching", "qk", "Σλ / Σ|λ| of W_E W_Q W_Kᵀ W_Eᵀ: 1 attends to the same token"],
        ] as const
      ).map(([name, circuit, means]) => {
        const score = spectra[circuit].scores[at];
        return (
          <div key={name} className="fact" title={means}>
            <dt>{name} score</dt>
            <dd>
              {typeof score === "number" ? (
                <span className="mono">{formatSigned(score, 3)}</span>
              ) : (
                <span className="quiet">none, the circuit is 0</span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
