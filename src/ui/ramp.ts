/** Colour ramps for canvases, read from the tokens in `styles/tokens.css`, so that there is one place for colours. */
import { interpolateLab, piecewise, rgb } from "d3";
import { useMemo } from "react";
import { useTheme } from "./theme.ts";

export type RampName = "attention" | "feature" | "signed";
/** 256 colours from nothing to most (or from −1 to +1), 4 bytes each: red, green, blue, 255. */
export type Ramp = Uint8ClampedArray;

/** Even steps through the stops, as CSS colours that d3 can read. */
export function makeRamp(stops: readonly string[]): Ramp {
  const colour: (t: number) => string = piecewise(interpolateLab, [...stops]);
  const ramp = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const { r, g, b } = rgb(colour(i / 255));
    ramp.set([r, g, b, 255], i * 4);
  }
  return ramp;
}

/** The value of a colour token, or of an expression of tokens, as a colour in the theme of the moment. */
export function cssColour(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = name.startsWith("--") ? `var(${name})` : name;
  document.documentElement.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

export function useRamp(name: RampName): Ramp {
  const theme = useTheme();
  return useMemo(() => {
    void theme; // the tokens' values depend on it
    return makeRamp([0, 1, 2, 3, 4].map((i) => cssColour(`--${name}-${i}`)));
  }, [name, theme]);
}
