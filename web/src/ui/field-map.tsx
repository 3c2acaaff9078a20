export interface FieldMapData {
  readonly width: number;
  readonly height: number;
  /** Outlines of the fields of each of the five greens and ochres. */
  readonly fields: readonly string[];
  readonly furrows: string;
  /** From the lanes' thin hedges to the tall trees, painted in this order. */
  readonly hedges: readonly {
    readonly tone: "dark" | "light" | "glint";
    readonly width: number;
    readonly path: string;
  }[];
}

interface Props {
  readonly map: FieldMapData;
  readonly className?: string;
}

/** The bocage seen from above: the only ornament, on sign-in, the portal's head and shared links. */
export function FieldMap({ map, className }: Props) {
  return (
    <svg
      className={className}
      viewBox={`0 0 ${map.width} ${map.height}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      focusable="false"
    >
      <rect width={map.width} height={map.height} fill="var(--lane)" />
      {map.fields.map((path, at) => {
        const color = `var(--field-${at + 1})`;
        return <path key={color} d={path} fill={color} stroke={color} strokeWidth={8} strokeLinejoin="round" />;
      })}
      <path d={map.furrows} fill="none" stroke="var(--hedge-2)" strokeOpacity={0.22} strokeWidth={1.5} />
      <g fill="none" strokeLinecap="round" strokeLinejoin="round">
        {map.hedges.map(({ tone, width, path }) => (
          <path
            key={`${tone}${width}${path.length}`}
            d={path}
            strokeWidth={width}
            stroke={tone === "dark" ? "var(--hedge)" : "var(--hedge-2)"}
            strokeOpacity={tone === "glint" ? 0.55 : undefined}
          />
        ))}
      </g>
    </svg>
  );
}
