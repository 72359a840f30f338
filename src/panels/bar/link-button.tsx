/** The link to what is on the screen, and what of it no link can hold. */
import { useContext, useState } from "react";
import { Icon } from "../../ui/icons.tsx";
import { PopoverButton } from "../../ui/popover.tsx";
import { OriginContext } from "../../ui/provenance.ts";

export function LinkButton() {
  const origin = useContext(OriginContext);
  const [link, setLink] = useState({ url: "", missing: [] as readonly string[] });
  const [copied, setCopied] = useState<boolean | null>(null);
  if (!origin) return null;
  const open = () => {
    const made = origin.link();
    setLink(made);
    setCopied(null);
    navigator.clipboard
      .writeText(made.url)
      .then(() => setCopied(true))
      .catch(() => setCopied(false));
  };
  return (
    <PopoverButton
      label="Copy the link to what is on the screen"
      className="button icon quiet-button"
      sign={<Icon name="link" />}
      popoverClass="link-told"
      role="group"
      onOpen={open}
    >
      <p role="status">
        {copied === true && "Link copied."}
        {copied === false && "The browser does not let this page copy. Copy it by hand:"}
      </p>
      <input
        className="input mono"
        aria-label="Link"
        readOnly
        value={link.url}
        onFocus={(e) => e.currentTarget.select()}
      />
      {link.missing.length > 0 && (
        <div>
          <p>Not in it:</p>
          <ul>
            {link.missing.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      )}
    </PopoverButton>
  );
}
