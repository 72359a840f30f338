/** The few line icons of the bench, 24 × 24, drawn with the text's colour. Decoration: the control carries the name. */
const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M14 6l-6 6 6 6",
  next: "M10 6l6 6-6 6",
  down: "M6 9l6 6 6-6",
  warning: "M12 4l9 16H3L12 4zM12 10v4.5M12 17.4v.1",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.2A8.2 8.2 0 019.8 4 8.2 8.2 0 1020 14.2z",
  contrast: "M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17zM12 3.5v17M12 7.5h6.8M12 12h8.5M12 16.5h6.8",
  present: "M3.5 5h17v11h-17zM12 16v3.5M8.5 19.5h7",
  help: "M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17zM9.6 9.6a2.5 2.5 0 114 2c-1 .6-1.6 1.1-1.6 2.3M12 16.6v.1",
  chip: "M7 7h10v10H7zM10 3.5V7M14 3.5V7M10 17v3.5M14 17v3.5M3.5 10H7M3.5 14H7M17 10h3.5M17 14h3.5",
  list: "M8.5 6.5h12M8.5 12h12M8.5 17.5h12M4 6.5h.1M4 12h.1M4 17.5h.1",
  file: "M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4",
  explore:
    "M4 4h4.5v4.5H4zM4 10.5h4.5V15H4zM10.5 10.5H15V15h-4.5zM4 17h4.5v3.5H4zM10.5 17H15v3.5h-4.5zM17 17h3.5v3.5H17z",
  features: "M4 20V13M8 20V8M12 20V15M16 20V4M20 20V11",
  train: "M3.5 4v16.5h17M7 8c2 6 5 8.5 13 9",
  steer: "M4 7h9M17 7h3M15 4.8v4.4M4 17h3M11 17h9M9 14.8v4.4",
  circuits:
    "M5 4.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6zM5 16.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6zM19 10.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6zM6.8 6.6L17.4 11.2M6.8 17.4L17.4 12.8",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  upload: "M12 16V5M7.5 9L12 4.5 16.5 9M5 19.5h14",
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M9 5.5v13M15 5.5v13",
  stop: "M6.5 6.5h11v11h-11z",
  undo: "M9 6L4.5 10.5 9 15M5 10.5h8.5a5 5 0 010 10H10",
  redo: "M15 6l4.5 4.5L15 15M19 10.5h-8.5a5 5 0 000 10H14",
  swap: "M7 4v13M3.5 13.5L7 17l3.5-3.5M17 20V7M13.5 10.5L17 7l3.5 3.5",
  compare: "M12 3.5v17M4 7h5.5v10H4zM14.5 7H20v10h-5.5z",
  plus: "M12 5.5v13M5.5 12h13",
  minus: "M5.5 12h13",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  dice: "M5 5h14v14H5zM9 8.1a.9.9 0 100 1.8.9.9 0 000-1.8zM15 8.1a.9.9 0 100 1.8.9.9 0 000-1.8zM9 14.1a.9.9 0 100 1.8.9.9 0 000-1.8zM15 14.1a.9.9 0 100 1.8.9.9 0 000-1.8zM12 11.1a.9.9 0 100 1.8.9.9 0 000-1.8z",
  link: "M10 14a4 4 0 006 .4l3-3a4.1 4.1 0 00-5.8-5.8l-1.6 1.6M14 10a4 4 0 00-6-.4l-3 3a4.1 4.1 0 005.8 5.8l1.6-1.6",
  copy: "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon-svg" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
