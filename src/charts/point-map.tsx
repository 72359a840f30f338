/**
 * Thousands of points on a canvas: wheel and drag zoom and move it (d3-zoom), hovering reads a point out, a click or the arrow
 * keys choose one, and with the lasso a drag draws round many. All points are drawn when they move, one path a colour; the ring of
 * the chosen one and the lasso go over a picture of them.
 */
import { quadtree, select, zoom, type ZoomBehavior, zoomIdentity, type ZoomTransform } from "d3";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { cssColour } from "../ui/ramp.ts";
import { useSize } from "../ui/use-size.ts";
import { useTheme } from "../ui/theme.ts";
import {
  DIRECTIONS,
  type DirectionKey,
  nextInDirection,
  placed,
  pointsInside,
} from "./map-geometry.ts";
import "./point-map.css";

export interface PointMapProps {
  /** [N, 2] */
  points: Float32Array;
  /** Index of each point's colour in `colours`. */
  colour: Uint8Array;
  /** Names of colour tokens: "--feature-3", or expressions of them. */
  colours: readonly string[];
  /** The chosen point. */
  selected: number | null;
  /** Points that a lasso holds. */
  held: ReadonlySet<number> | null;
  lasso: boolean;
  label: string;
  /** Whether it takes the focus when it appears. */
  focused?: boolean;
  onHover: (point: number | null) => void;
  onSelect: (point: number) => void;
  onLasso: (points: number[]) => void;
}
const REACH = 12; // pixels
const ZOOM = [0.8, 60] as const;

export function PointMap(props: PointMapProps) {
  const { points, colour, colours, selected, held, lasso, label, focused = false } = props;
  const { onHover, onSelect, onLasso } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  /** The points alone. */
  const picture = useRef<HTMLCanvasElement>(null);
  const behaviour = useRef<ZoomBehavior<HTMLCanvasElement, unknown>>(null);
  const size = useSize(box);
  const theme = useTheme();
  const [view, setView] = useState<ZoomTransform>(zoomIdentity);
  const [drawn, setDrawn] = useState<number[] | null>(null);
  const [width, height] = [size?.width ?? 0, size?.height ?? 0];
  const at = useMemo(() => placed(points, { width, height }), [points, width, height]);
  const tree = useMemo(
    () =>
      quadtree<number>()
        .x((i) => at[2 * i]!)
        .y((i) => at[2 * i + 1]!)
        .addAll(Array.from({ length: at.length / 2 }, (_, i) => i)),
    [at],
  );
  const paint = useMemo(() => {
    void theme; // the tokens' values depend on it
    return {
      points: colours.map(cssColour),
      accent: cssColour("--accent"),
      ink: cssColour("--ink"),
    };
  }, [colours, theme]);

  useEffect(() => {
    if (focused) box.current?.focus();
  }, [focused]);
  useEffect(() => {
    const target = canvas.current;
    if (!target || lasso) return;
    const made = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent([...ZOOM])
      .on("zoom", ({ transform }: { transform: ZoomTransform }) => setView(transform));
    behaviour.current = made;
    const selection = select(target).call(made).on("dblclick.zoom", null);
    return () => void selection.on(".zoom", null);
  }, [lasso]);

  const radius = Math.min(5, Math.max(1.4, 60 / Math.sqrt(at.length / 2)) * Math.sqrt(view.k));
  useEffect(() => {
    picture.current ??= document.createElement("canvas");
    const context = sized(picture.current, { width, height });
    if (!context) return;
    const dot = (i: number, r: number) => {
      const [x, y] = view.apply([at[2 * i]!, at[2 * i + 1]!]);
      if (x < -r || y < -r || x > width + r || y > height + r) return;
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
    };
    paint.points.forEach((fill, c) => {
      context.beginPath();
      for (let i = 0; i < colour.length; i++) if (colour[i] === c) dot(i, radius);
      context.fillStyle = fill;
      context.fill();
    });
    if (held) {
      context.beginPath();
      for (const i of held) dot(i, radius + 1);
      context.strokeStyle = paint.accent;
      context.lineWidth = 1.5;
      context.stroke();
    }
  }, [at, view, radius, colour, paint, held, width, height]);

  useEffect(() => {
    const context = canvas.current && sized(canvas.current, { width, height });
    if (!context || !picture.current) return;
    context.drawImage(picture.current, 0, 0, width, height);
    if (selected !== null && selected < at.length / 2) {
      const [x, y] = view.apply([at[2 * selected]!, at[2 * selected + 1]!]);
      outline(context, paint.ink, 2, (path) => path.arc(x, y, radius + 4, 0, 2 * Math.PI));
    }
    if (drawn) {
      outline(context, paint.accent, 1.5, (path) => {
        for (let i = 0; i < drawn.length; i += 2) path.lineTo(drawn[i]!, drawn[i + 1]!);
        path.closePath();
      });
    }
  }, [at, view, radius, colour, paint, held, selected, drawn, width, height]);

  const placeOf = (e: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const { left, top } = e.currentTarget.getBoundingClientRect();
    return [e.clientX - left, e.clientY - top];
  };
  const pointAt = (e: PointerEvent<HTMLCanvasElement>): number | null => {
    const [x, y] = view.invert(placeOf(e));
    return tree.find(x, y, REACH / view.k) ?? null;
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key in DIRECTIONS) {
      e.preventDefault();
      const next = selected === null ? 0 : nextInDirection(at, selected, e.key as DirectionKey);
      if (next !== null && next < at.length / 2) onSelect(next);
    } else if ((e.key === "+" || e.key === "-" || e.key === "0") && canvas.current && !lasso) {
      e.preventDefault();
      const target = select(canvas.current);
      if (e.key === "0") behaviour.current?.transform(target, zoomIdentity);
      else behaviour.current?.scaleBy(target, e.key === "+" ? 1.5 : 1 / 1.5);
    }
  };
  return (
    <div
      ref={box}
      className={`point-map ${lasso ? "lasso" : ""}`}
      role="application"
      tabIndex={0}
      aria-label={label}
      aria-roledescription="map"
      onKeyDown={onKeyDown}
    >
      <canvas
        ref={canvas}
        style={{ width, height }}
        onPointerDown={(e) => {
          if (!lasso) return;
          e.currentTarget.setPointerCapture(e.pointerId);
          setDrawn(placeOf(e));
        }}
        onPointerMove={(e) => {
          if (drawn) setDrawn([...drawn, ...placeOf(e)]);
          else onHover(pointAt(e));
        }}
        onPointerUp={() => {
          if (!drawn) return;
          const corners = drawn.flatMap((_, i) =>
            i % 2 === 0 ? view.invert([drawn[i]!, drawn[i + 1]!]) : [],
          );
          setDrawn(null);
          onLasso(pointsInside(at, corners));
        }}
        onPointerLeave={() => onHover(null)}
        onClick={(e) => {
          if (lasso) return;
          const found = pointAt(e as unknown as PointerEvent<HTMLCanvasElement>);
          if (found !== null) onSelect(found);
        }}
      />
    </div>
  );
}

/** An empty canvas of so many CSS pixels; null where it has no room. */
function sized(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  if (!context || width === 0 || height === 0) return null;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  return context;
}

function outline(
  context: CanvasRenderingContext2D,
  colour: string,
  width: number,
  draw: (path: CanvasPath) => void,
): void {
  context.beginPath();
  draw(context);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}
