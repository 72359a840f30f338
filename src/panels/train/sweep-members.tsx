/** The members of a sweep: how each is drawn in the curves, and where it stands. */
import { DASHES } from "../../charts/line-chart.tsx";
import { useLab } from "../../state/context.ts";
import { useShownRun } from "./use-shown-run.ts";

export function SweepMembers() {
  const members = useLab((s) => s.sweepPoints);
  const finished = useShownRun()?.status === "finished";
  const selectSae = useLab((s) => s.selectSae);
  const setLab = useLab((s) => s.setLab);
  if (members.length < 2) return null;
  const explore = (id: string) => {
    void selectSae(id);
    setLab("features");
  };
  return (
    <table className="sweep-members">
      <caption>Trained on one stream; each is an autoencoder of its own</caption>
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">Autoencoder</th>
          <th scope="col">Explained variance</th>
          <th scope="col">L0</th>
          <th scope="col">Dead</th>
        </tr>
      </thead>
      <tbody>
        {members.map(({ id, name, points }, i) => {
          const last = points.at(-1);
          return (
            <tr key={id}>
              <td>
                <svg width="32" height="8" aria-hidden="true" className="line-chart">
                  <line
                    className={i === 0 ? "line" : "line other"}
                    x2="32"
                    y1="4"
                    y2="4"
                    strokeDasharray={i === 0 ? undefined : DASHES[(i - 1) % DASHES.length]}
                  />
                </svg>
              </td>
              <th scope="row">
                {finished ? (
                  <button
                    type="button"
                    className="sweep-name"
                    title={`Explore the features of ${name}`}
                    onClick={() => explore(id)}
                  >
                    {name}
                  </button>
                ) : (
                  name
                )}
              </th>
              <td className="mono">{last ? last.explainedVariance.toFixed(3) : "–"}</td>
              <td className="mono">{last ? last.l0.toFixed(1) : "–"}</td>
              <td className="mono">{last ? last.dead.toLocaleString("en-US") : "–"}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
