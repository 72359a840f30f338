/** What a neuron's weights say by themselves: the tokens that it promotes, and those that its input reads. */
import { effectScale } from "../../../charts/bars.ts";
import { EffectBars } from "../../../charts/effect-bars.tsx";
import type { NeuronWeights } from "../../../core/neurons.ts";
import type { TokenEffect } from "../../../core/sae.ts";
import { Figure, type What } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { WHAT_READS, WHAT_WRITES } from "./what.ts";

export interface WeightFiguresProps {
  facts: NeuronWeights;
  python: () => string;
}
export function WeightFigures({ facts, python }: WeightFiguresProps) {
  return (
    <>
      <Effects
        title="What it writes"
        name="neuron-writes"
        python={python}
        what={WHAT_WRITES}
        note={`‖W_out[n]‖ ${facts.writeNorm.toFixed(3)}`}
        lists={[
          ["Promoted", facts.promoted],
          ["Suppressed", facts.suppressed],
        ]}
      />
      <Effects
        title="What its input reads of the embeddings"
        name="neuron-reads"
        python={python}
        what={WHAT_READS}
        note={`b_in[n] ${formatSigned(facts.bias, 3)}; everything between embedding and neuron is ignored`}
        lists={[
          ["Towards", facts.reads],
          ["Away from", facts.readsLeast],
        ]}
      />
    </>
  );
}

interface EffectsProps {
  title: string;
  name: string;
  what: What;
  note: string;
  python: () => string;
  lists: readonly [caption: string, effects: readonly TokenEffect[]][];
}
function Effects({ title, name, what, note, python, lists }: EffectsProps) {
  const scale = effectScale(...lists.map(([, effects]) => effects));
  return (
    <Figure
      title={title}
      name={name}
      what={what}
      python={python}
      controls={<p className="quiet">{note}</p>}
      table={() => ({
        columns: ["list", "rank", "token id", "token", "effect"],
        rows: lists.flatMap(([caption, effects]) =>
          effects.map(({ id, string, effect }, i) => [caption, i + 1, id, string, effect]),
        ),
      })}
    >
      <div className="neuron-pair">
        {lists.map(([caption, effects]) => (
          <EffectBars key={caption} caption={caption} effects={effects} scale={scale} />
        ))}
      </div>
    </Figure>
  );
}
