/** Discover: which edges make the circuit? A search scores them; what it finds is shown, cut, edited and compared. */
import { useEffect } from "react";
import { circuitsFor } from "../../../state/circuit-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { AcdcSettings } from "./acdc-settings.tsx";
import { CircuitFigure } from "./circuit-figure.tsx";
import { CircuitShelf } from "./circuit-shelf.tsx";
import { CompareFigure } from "./compare-figure.tsx";
import { EapSettings } from "./eap-settings.tsx";
import "./discover.css";

const SEARCHES = ["eap", "acdc"] as const;
const SEARCH = {
  eap: { label: "Fast, by gradients", title: "EAP: estimates of all edges at once" },
  acdc: { label: "Exact, edge by edge", title: "ACDC: each edge is cut in a run" },
} as const;

export default function Discover({ open }: { open: OpenTask }) {
  const model = useLab((s) => s.model);
  return model.status === "ready" ? <Search open={open} config={model.value.config} /> : null;
}

function Search({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const read = useLab((s) => s.readCircuits);
  const all = useLab((s) => s.circuits);
  const id = useLab((s) => s.openCircuit);
  const [search, setSearch] = useChoice("discover.search", SEARCHES);
  useEffect(() => void read(), [read]);
  const circuits = circuitsFor(all, config);
  const shown = circuits.find((circuit) => circuit.id === id) ?? null;
  return (
    <>
      <Segmented
        label="Search"
        value={search}
        choices={SEARCHES.map((value) => ({ value, ...SEARCH[value] }))}
        onChange={setSearch}
      />
      {search === "eap" ? (
        <EapSettings open={open} />
      ) : (
        <AcdcSettings open={open} config={config} />
      )}
      <CircuitShelf circuits={circuits} shown={shown} read={all !== null} />
      {shown && <CircuitFigure key={shown.id} circuit={shown} open={open} />}
      {shown && <CompareFigure key={`against ${shown.id}`} circuit={shown} circuits={circuits} />}
    </>
  );
}
