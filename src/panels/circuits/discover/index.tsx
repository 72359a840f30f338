/** Discover: which edges make the circuit? A search scores them; what it finds is shown, cut, edited and compared. */
import { useEffect, useEffectEvent, useRef } from "react";
import { circuitsFor } from "../../../state/circuit-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { FoundCircuit } from "../../../core/found-circuit.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useChoice, useText } from "../../../state/options-slice.ts";
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

/** The circuit that is shown is shown again after a reload. */
function useKeptOpen(id: string | null, all: readonly FoundCircuit[] | null): void {
  const show = useLab((s) => s.showCircuit);
  const [kept, setKept] = useText("discover.open", "");
  const isRead = all !== null;
  const wasRead = useRef(false);
  const follow = useEffectEvent(() => {
    if (!isRead) return;
    if (!wasRead.current && id === null && kept !== "") {
      if (all.some((circuit) => circuit.id === kept)) show(kept);
      else setKept("");
    } else if (kept !== (id ?? "")) setKept(id ?? "");
    wasRead.current = true;
  });
  useEffect(() => follow(), [id, isRead]);
}

function Search({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const read = useLab((s) => s.readCircuits);
  const all = useLab((s) => s.circuits);
  const id = useLab((s) => s.openCircuit);
  const [search, setSearch] = useChoice("discover.search", SEARCHES);
  useKeptOpen(id, all);
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
