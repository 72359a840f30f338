/** What the page is, its marks and colours, its keys. */
import { Dialog } from "../../ui/dialog.tsx";
import { SHORTCUTS } from "./use-shortcuts.ts";

export default function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Help" onClose={onClose}>
      <section className="stack">
        <p>
          A language model runs in this tab. Type a prompt and see what each of its attention heads
          looks at, which features of a sparse autoencoder are active, and how the text changes when
          you push them. Nothing you type leaves this machine.
        </p>
        <p>
          The <b>?</b> beside each figure’s title says what it shows, with the formula and its
          source.
        </p>
      </section>
      <section className="stack">
        <h3>Marks and colours</h3>
        <dl className="facts">
          <dt className="mono">· ↵ ⇥</dt>
          <dd>a space, a line break, a tab inside a token</dd>
          <dt className="mono">語¹⁄₂ 語²⁄₂</dt>
          <dd>tokens that hold part of a character: which part of which</dd>
          <dt className="mono">‹E8 AA›</dt>
          <dd>bytes that are no character alone</dd>
          <dt className="mono">BOS</dt>
          <dd>the token {"<|endoftext|>"}, put before the text</dd>
          <dt>
            <span className="swatch attention" /> violet
          </dt>
          <dd>attention: how much a query looks at a key</dd>
          <dt>
            <span className="swatch feature" /> amber
          </dt>
          <dd>how active a feature is</dd>
          <dt>
            <span className="swatch signed" /> vermilion, blue
          </dt>
          <dd>an effect below or above zero</dd>
          <dt>
            <span className="swatch accent" /> green
          </dt>
          <dd>what is selected, the same everywhere</dd>
        </dl>
      </section>
      <section className="stack">
        <h3>Keys</h3>
        <dl className="facts">
          {SHORTCUTS.map(([keys, does]) => (
            <div key={keys} className="fact">
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </section>
    </Dialog>
  );
}
