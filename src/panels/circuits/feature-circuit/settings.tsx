/** Which SAEs, which logits, what is a node, how much of it is kept. */
import { Checkbox, Select, Slider } from "../../../ui/field.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { TokenField } from "../../../ui/token-field.tsx";
import { type CircuitSettings, MOST_NODES } from "./use-question.ts";

export function CircuitControls({ settings: s }: { settings: CircuitSettings }) {
  return (
    <>
      <fieldset className="graph-saes">
        <legend>Autoencoders and transcoders, one a place</legend>
        {s.fitting.length === 0 && (
          <p className="quiet">
            None on the shelf reads this model: the circuit is of tokens, heads and MLPs alone.
          </p>
        )}
        {s.fitting.map(({ id, name, config }) => (
          <Checkbox
            key={id}
            checked={s.ids.includes(id)}
            onChange={(on) => s.setIds(on ? [...s.ids, id] : s.ids.filter((other) => other !== id))}
            label={
              <>
                {name}{" "}
                <span className="quiet mono">
                  {config.hook}
                  {config.out && ` → ${config.out.hook}`}
                </span>
              </>
            }
          />
        ))}
      </fieldset>
      <div className="patch-settings">
        <Segmented
          label="Logits"
          value={s.target}
          choices={[
            {
              value: "top",
              label: "likeliest tokens",
              title: "The fewest next tokens that have 95 % of the probability, at most 10",
            },
            {
              value: "difference",
              label: "difference of two",
              title: "One node: the logit of a token less that of another",
            },
          ]}
          onChange={s.setTarget}
        />
        {s.target === "difference" && (
          <>
            <TokenField label="Token" value={s.token} onChange={s.setToken} />
            <TokenField label="minus" value={s.against} onChange={s.setAgainst} />
          </>
        )}
        <Segmented
          label="Heads"
          value={s.heads}
          choices={[
            {
              value: "nodes",
              label: "heads as nodes",
              title: "Each head at each position is a node",
            },
            {
              value: "through",
              label: "heads passed through",
              title: "Paths go through heads, as in circuit-tracer: slower",
            },
          ]}
          onChange={s.setHeads}
        />
        <Select
          label="Most nodes"
          value={s.most}
          options={[...MOST_NODES]
            .sort((a, b) => Number(a) - Number(b))
            .map((value) => ({ value, label: Number(value).toLocaleString("en-US") }))}
          onChange={s.setMost}
        />
        <Slider
          label="Nodes keep"
          min={0.5}
          max={1}
          step={0.01}
          value={s.nodes}
          format={(v) => formatPercent(v)}
          onChange={(v) => s.setNodes(Number(v.toFixed(2)))}
        />
        <Slider
          label="Links keep"
          min={0.5}
          max={1}
          step={0.01}
          value={s.edges}
          format={(v) => formatPercent(v)}
          onChange={(v) => s.setEdges(Number(v.toFixed(2)))}
        />
        <Checkbox
          label="First position is no node"
          title="What <|endoftext|> writes counts as a number: its activations swamp the rest"
          checked={s.first === "number"}
          onChange={(on) => s.setFirst(on ? "number" : "nodes")}
        />
      </div>
    </>
  );
}
