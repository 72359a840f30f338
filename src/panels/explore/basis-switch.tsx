/** The basis of the bench, where a view's numbers depend on it. */
import { useLab } from "../../state/context.ts";
import { BasisChoice } from "../../ui/basis.tsx";

export function BasisSwitch() {
  const basis = useLab((s) => s.basis);
  const setBasis = useLab((s) => s.setBasis);
  return (
    <div className="row basis-switch">
      <span className="quiet" aria-hidden="true">
        Basis
      </span>
      <BasisChoice value={basis} onChange={setBasis} />
    </div>
  );
}
