/** Asks for a map: of how many features, and together with which other autoencoders. */
import { useState } from "react";
import { type FeatureMap, mapSeconds, MOST_MAPPED } from "../../core/feature-map.ts";
import { shareSpace } from "../../core/sae-space.ts";
import { type FeatureTable, outputOf, type SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { isDead } from "../../state/feature-list.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { formatDuration } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";

/** Above it a part is offered first. */
const MANY = 4096;

interface MakeMapProps {
  table: FeatureTable;
  made: FeatureMap | null;
  /** @param most of each */
  onMake: (most: number | null, others: readonly string[]) => void;
}
export function MakeMap({ table, made, onMake }: MakeMapProps) {
  const sae = useLab(selectedSae);
  const others = useMappable(sae);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [again, setAgain] = useState(false);
  if (!sae) return null;
  const { width } = outputOf(sae.config);
  const alive = table.rows.filter((row) => !isDead(row)).length;
  const beside = others.filter(({ id }) => chosen.has(id));
  const of = (most: number) =>
    [alive, ...beside.map(({ config }) => config.dSae)].reduce((n, f) => n + Math.min(f, most), 0);
  const all = of(Infinity);
  const words = (n: number) => {
    const seconds = mapSeconds(n, width);
    return seconds < 10 ? "some seconds" : `about ${formatDuration(seconds)}`;
  };
  const make = (most: number | null) => {
    setAgain(false);
    onMake(
      most,
      beside.map(({ id }) => id),
    );
  };
  if (made && !again) {
    const own = made.of.filter((s) => made.saes[s]!.id === sae.id).length;
    const part = own < alive;
    if (!part && others.length === 0) return null;
    return (
      <p className="row">
        {part && `${own.toLocaleString("en-US")} of its ${alive.toLocaleString("en-US")} features.`}
        <Button kind="quiet" onClick={() => setAgain(true)}>
          {others.length > 0 ? "Map it with others, or anew" : "Map more of them"}
        </Button>
      </p>
    );
  }
  return (
    <div className="stack">
      {others.length > 0 && (
        <fieldset className="map-others">
          <legend>Together with others that write into the same space</legend>
          {others.map(({ id, name, config }) => (
            <Checkbox
              key={id}
              label={`${name}: ${hookLabel(outputOf(config).hook)}, ${config.dSae.toLocaleString("en-US")} features`}
              checked={chosen.has(id)}
              disabled={!chosen.has(id) && chosen.size >= MOST_MAPPED - 1}
              onChange={(on) =>
                setChosen(new Set(on ? [...chosen, id] : [...chosen].filter((one) => one !== id)))
              }
            />
          ))}
        </fieldset>
      )}
      <div className="row">
        {all > MANY && (
          <Button kind="primary" onClick={() => make(MANY)}>
            {beside.length === 0
              ? `Map ${MANY.toLocaleString("en-US")} of them, by chance`
              : `Map up to ${MANY.toLocaleString("en-US")} of each, by chance`}{" "}
            ({words(of(MANY))})
          </Button>
        )}
        <Button kind={all > MANY ? "normal" : "primary"} onClick={() => make(null)}>
          Map all {all.toLocaleString("en-US")} features ({words(all)})
        </Button>
        {again && (
          <Button kind="quiet" onClick={() => setAgain(false)}>
            Leave it
          </Button>
        )}
      </div>
    </div>
  );
}

/** Autoencoders whose features could be on one map with this one's. */
function useMappable(sae: SaeSummary | null): readonly SaeSummary[] {
  const saes = useLab((s) => s.saes);
  const model = useLab((s) => s.model);
  if (!sae || saes.status !== "ready" || model.status !== "ready") return [];
  const { config } = model.value;
  return saes.value.filter(
    (other) =>
      other.id !== sae.id &&
      other.status === "finished" &&
      shareSpace(other.config, sae.config, config),
  );
}
