/** Statistics and examples of an SAE's features: on which text, and the button. */
import { useState } from "react";
import { type TextRef, textsOf } from "../../core/kept-text.ts";
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { useKeptTexts } from "../../state/kept-texts.ts";
import { Button } from "../../ui/button.tsx";
import { TextSelect } from "../../ui/text-select.tsx";

export function MeasureOn({ sae, children }: { sae: SaeSummary; children: string }) {
  const measureSae = useLab((s) => s.measureSae);
  const busy = useLab((s) => s.shelf.status === "running");
  const texts = useKeptTexts();
  const before = textsOf(sae);
  const [chosen, setChosen] = useState<readonly TextRef[] | null>(null);
  const shown = chosen ?? before ?? [];
  return (
    <div className="measure-on">
      {shown.length < 2 && (
        <TextSelect
          label="Text to measure on"
          texts={texts}
          value={shown[0]?.id ?? null}
          hint="its report and its labels are made of the same text"
          onChange={(text) => setChosen(text ? [{ id: text.id, name: text.name }] : [])}
        />
      )}
      <Button
        kind="primary"
        disabled={busy}
        onClick={() => void measureSae(sae.id, chosen ?? undefined)}
      >
        {children}
      </Button>
    </div>
  );
}
