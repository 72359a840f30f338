/** The MLP neurons of a prompt: the strongest of each token, some of them over all tokens, and one by itself. */
import { useMemo } from "react";
import {
  NEURON_MEASURES,
  type NeuronId,
  readNeurons,
  withoutRepeats,
} from "../../../core/neurons.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useFigure } from "../../../state/figures-slice.ts";
import { useChoice, useRead, useText } from "../../../state/options-slice.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import { Empty } from "../../../ui/empty.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { useAligned } from "../use-aligned.ts";
import { NeuronMatrix } from "./neuron-matrix.tsx";
import { NeuronPage } from "./neuron-page.tsx";
import { allStrongest, strongestAt } from "./read-list.ts";
import { type RankSettings, TopFigure } from "./top-figure.tsx";
import "../found.css";
import "./neurons.css";

const COUNTS = ["8", "5", "12", "20"] as const;
/** Of the selected token, in the matrix. */
const LISTED = 12;

export default function NeuronsView() {
  const model = useLab((s) => s.model);
  if (model.status !== "ready") return null; // the notices above say what is going on
  return <Neurons config={model.value.config} />;
}

function Neurons({ config }: { config: Gpt2Config }) {
  const [measure, setMeasure] = useChoice("neurons.by", NEURON_MEASURES);
  const [count, setCount] = useChoice("neurons.n", COUNTS);
  const selected = useLab((s) => s.neuron);
  const exists = ({ layer, neuron }: NeuronId) => layer < config.n_layer && neuron < config.n_inner;
  const open = selected && exists(selected) ? selected : null;
  const layers = Array.from({ length: config.n_layer }, (_, l) => String(l));
  const [chosenLayer, setLayer] = useRead<string>(
    "neurons.layer",
    (text) => (layers.includes(text) ? text : null),
    "all",
  );
  const layer = chosenLayer === "all" ? null : Number(chosenLayer);
  const asked = useFigure("neurons", { measure, layer, n: Number(count) });
  const settings: RankSettings = {
    ...{ measure, setMeasure, layer, setLayer, layers, count, setCount, counts: COUNTS },
  };
  return (
    <div className="stack">
      <WhenAsked asked={asked} what="The strongest neurons">
        {(sides) => <Figures sides={sides} settings={settings} open={open} exists={exists} />}
      </WhenAsked>
      {open ? (
        <NeuronPage key={`${open.layer}.${open.neuron}`} id={open} config={config} />
      ) : (
        <Empty title="No neuron chosen">Choose one above, and its page opens here.</Empty>
      )}
    </div>
  );
}

type Sides = NonNullable<ReturnType<typeof useFigure<"neurons">>["shown"]>;
interface FiguresProps {
  sides: Sides;
  settings: RankSettings;
  open: NeuronId | null;
  exists: (id: NeuronId) => boolean;
}
function Figures({ sides, settings, open, exists }: FiguresProps) {
  const position = useLab(positionIn(sides.a.tokens));
  const [listText, setListText] = useText("neurons.list", "");
  const aligned = useAligned(sides);
  const { a, b } = sides;
  const pair = aligned.pairs[aligned.pairOf(position) ?? -1];
  const list = withoutRepeats([
    ...(open ? [open] : []),
    ...readNeurons(listText).filter(exists),
    ...(pair && pair.a !== null ? strongestAt(a, pair.a, LISTED) : []),
    ...(b && pair && pair.b !== null ? strongestAt(b, pair.b, LISTED) : []),
  ]);
  /** For differences all that are listed on either side are read on both. */
  const compared = useMemo(() => (b ? [...allStrongest(a), ...allStrongest(b)] : []), [a, b]);
  const asked = useFigure("neuronValues", { neurons: withoutRepeats([...list, ...compared]) });
  return (
    <>
      <TopFigure sides={sides} settings={settings} values={asked.shown} />
      <WhenAsked asked={asked} what="Their activations">
        {(values) => (
          <NeuronMatrix values={values} list={list} text={listText} setText={setListText} />
        )}
      </WhenAsked>
    </>
  );
}
