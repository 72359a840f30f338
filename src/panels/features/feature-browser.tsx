/** The left column: all features of the SAE, or those that are active on the selected token of the prompt. */
import { useState } from "react";
import type { FeatureTable } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { tokenLabels } from "../../ui/token-text.ts";
import { FeatureList } from "./feature-list.tsx";
import { FeatureFilter } from "./feature-filter.tsx";
import { FeatureJump } from "./feature-jump.tsx";
import { FindFeature } from "./find-feature.tsx";
import { TokenFeatures } from "./token-features.tsx";

export function FeatureBrowser({ table }: { table: FeatureTable }) {
  const [mode, setMode] = useState<"all" | "token">("all");
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const token =
    position === null || !view ? null : (tokenLabels(view.tokens.strings)[position]?.text ?? null);
  return (
    <section className="feature-browser figure" aria-label="Features">
      <div className="feature-browser-head">
        <Segmented
          label="Which features"
          value={mode}
          onChange={setMode}
          choices={[
            { value: "all", label: "All" },
            {
              value: "token",
              label: token === null ? "On a token" : <>On “{token}”</>,
              title: "Active on the selected token of the prompt, strongest first",
            },
          ]}
        />
        {mode === "all" && <FeatureJump count={table.rows.length} />}
      </div>
      {mode === "all" && <FindFeature table={table} />}
      {mode === "all" && <FeatureFilter saeId={table.saeId} />}
      {mode === "all" ? <FeatureList table={table} /> : <TokenFeatures table={table} />}
    </section>
  );
}
