/** A button that asks for files: the browser's own dialog behind it. Without `children` it is an icon with its name as a tooltip. */
import { useRef } from "react";
import { useFileTaker } from "./file-takers.ts";
import { Button, IconButton, type ButtonProps } from "./button.tsx";

export interface FileButtonProps extends Omit<ButtonProps, "onClick"> {
  /** What the files are: the name of the field for assistive technology. */
  files: string;
  /** As of `<input type="file">`: ".json,.txt". */
  accept?: string;
  /** Several at once, or a folder with all that is in it. */
  many?: boolean | "folder";
  /** What the button does, where it has no text of its own. */
  label?: string;
  /** What a file of these is, where one dropped anywhere on the page is taken, too: "a circuit as JSON". */
  drops?: string;
  /** The files chosen, at least one. */
  onFiles: (files: File[]) => void;
}

export function FileButton({
  files,
  accept,
  many,
  label,
  drops,
  onFiles,
  children,
  icon = "file",
  ...rest
}: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  useFileTaker(drops ?? null, accept ?? "", onFiles);
  const ask = () => input.current?.click();
  return (
    <>
      {label ? (
        <IconButton {...rest} icon={icon} label={label} onClick={ask} />
      ) : (
        <Button {...rest} icon={icon} onClick={ask}>
          {children}
        </Button>
      )}
      <input
        ref={input}
        type="file"
        hidden
        aria-label={files}
        accept={accept}
        multiple={many === true}
        {...(many === "folder" && { webkitdirectory: "" })} // not yet a standard, and in every browser
        onChange={(e) => {
          const chosen = [...(e.target.files ?? [])];
          e.target.value = ""; // choosing the same file again is a change
          if (chosen.length > 0) onFiles(chosen);
        }}
      />
    </>
  );
}
