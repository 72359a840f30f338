/** The selected feature of the autoencoder on the bench, with the ways to go on from it. */
import { useLab } from "../../state/context.ts";
import { useFeatureLabel } from "../../state/feature-notes.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { FeatureName } from "../../ui/feature-name.tsx";
import { SteerButton } from "./steer-button.tsx";
import { EditButtons } from "./edit-buttons.tsx";
import { formatPercent } from "../../ui/format.ts";

export function FeatureFacts() {
  const sae = useLab(selectedSae);
  const feature = useLab((s) => s.feature);
  const row = useLab((s) =>
    s.features.status === "ready" && s.feature !== null
      ? s.features.value.rows.find((r) => r.feature === s.feature)
      : undefined,
  );
  const here = useLab((s) => {
    const position = shownPosition(s);
    const active = position === null ? undefined : s.shownView?.features?.active[position];
    return active?.find((a) => a.feature === s.feature)?.activation;
  });
  const read = useLab((s) => s.shownView?.features?.saeId);
  const tab = useLab((s) => s.labTab);
  const setLab = useLab((s) => s.setLab);
  const label = useFeatureLabel(feature);
  if (!sae || feature === null) return null;
  return (
    <section className="inspect">
      <h2>
        Feature <span className="mono">{feature}</span>
      </h2>
      {label && <FeatureName feature={feature} label={label} brief />}
      <dl className="facts">
        <dt>autoencoder</dt>
        <dd>{sae.name}</dd>
        <dt>reads</dt>
        <dd className="mono">{sae.config.hook}</dd>
        {row && (
          <>
            <dt>active on</dt>
            <dd>
              <span className="mono">{formatPercent(row.density)}</span> of tokens
            </dd>
            <dt>largest</dt>
            <dd className="mono">{row.max.toFixed(2)}</dd>
          </>
        )}
        {read === sae.id && (
          <>
            <dt>on this token</dt>
            <dd className="mono">{here === undefined ? "inactive" : here.toFixed(2)}</dd>
          </>
        )}
      </dl>
      <EditButtons
        target={{ kind: "feature", sae: sae.id, feature }}
        {...(row && row.max > 0 && { clampAt: Number(row.max.toPrecision(3)) })}
      />
      <div className="row">
        {tab !== "features" && <Button onClick={() => setLab("features")}>Examples</Button>}
        {tab === "explore" && <SteerButton source={{ kind: "feature", sae: sae.id, feature }} />}
      </div>
    </section>
  );
}
