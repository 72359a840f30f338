/** The top bar: the model, the page's own controls, the prompt and its tokens. */
import { lazy, Suspense, useState } from "react";
import { useLab } from "../../state/context.ts";
import { THEMES } from "../../state/view-slice.ts";
import { IconButton } from "../../ui/button.tsx";
import { LinkButton } from "./link-button.tsx";
import { EditedSwitch } from "./edited-switch.tsx";
import { ModelChip } from "./model-chip.tsx";
import { OtherPrompt } from "./other-prompt.tsx";
import { PromptBox } from "./prompt-box.tsx";
import { PromptTokens } from "./prompt-tokens.tsx";
import { useFreshShelf } from "./use-fresh-shelf.ts";

const HelpDialog = lazy(() => import("./help-dialog.tsx"));

const THEME_ICON = { system: "contrast", light: "sun", dark: "moon" } as const;

export function Bar() {
  const theme = useLab((s) => s.theme);
  const setTheme = useLab((s) => s.setTheme);
  const presenter = useLab((s) => s.presenter);
  const setPresenter = useLab((s) => s.setPresenter);
  const [help, setHelp] = useState(false);
  useFreshShelf();
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <header className="bar">
      <div className="bar-top">
        <h1 className="brand">Glassroom</h1>
        <ModelChip />
        <EditedSwitch />
        <div className="bar-tools">
          <LinkButton />
          <IconButton
            icon={THEME_ICON[theme]}
            label={`Theme: ${theme}. Change to ${nextTheme}`}
            onClick={() => setTheme(nextTheme)}
          />
          <IconButton
            icon="present"
            label="Presenter size"
            aria-pressed={presenter}
            onClick={() => setPresenter(!presenter)}
          />
          <IconButton icon="help" label="Help and shortcuts" onClick={() => setHelp(true)} />
        </div>
      </div>
      <PromptBox />
      <PromptTokens />
      <OtherPrompt />
      <Suspense>{help && <HelpDialog onClose={() => setHelp(false)} />}</Suspense>
    </header>
  );
}
