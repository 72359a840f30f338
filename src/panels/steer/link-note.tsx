/** Copies the link that reproduces what is on the screen, and says what it cannot hold. */
import { useContext, useState } from "react";
import { StoreContext } from "../../state/context.ts";
import { linkOf } from "../../state/origin.ts";
import { Button } from "../../ui/button.tsx";

export function LinkNote() {
  const store = useContext(StoreContext);
  const [told, setTold] = useState("");
  const copy = async () => {
    if (!store) return;
    const { url, missing } = linkOf(store.getState(), location.href);
    const lost = missing.length > 0 ? `Not in it: ${missing.join("; ")}.` : "";
    try {
      await navigator.clipboard.writeText(url);
      setTold(["Copied.", lost].join(" ").trim());
    } catch {
      setTold("The browser did not allow copying; the address bar has the same link.");
    }
  };
  return (
    <>
      <Button kind="quiet" icon="copy" onClick={() => void copy()} onBlur={() => setTold("")}>
        Copy link
      </Button>
      <span role="status" className="quiet">
        {told}
      </span>
    </>
  );
}
