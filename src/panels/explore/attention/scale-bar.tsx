/** The colours' scale, in numbers. */
export function ScaleBar({ dimFirst }: { dimFirst: boolean }) {
  return (
    <div
      className="scale-bar mono"
      role="img"
      aria-label={`Colour scale of the attention weights, from 0 to ${dimFirst ? "each head’s largest weight" : "1"}`}
    >
      <span>0</span>
      <span className="swatch attention" />
      <span>{dimFirst ? "max" : "1"}</span>
    </div>
  );
}
