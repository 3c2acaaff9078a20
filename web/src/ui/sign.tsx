import "./shell.css";

/** Three stems, two leaves, one petal. 20 px at least; leaves in `currentColor`, petal in `--petal`. */
export function Sign() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" strokeWidth={2} strokeLinecap="round">
        <path d="M16 16v13M8.2 15.6C9.6 20.5 13 23 16 24M23.8 15.6C22.4 20.5 19 23 16 24" />
      </g>
      <path
        d="M16 2c3.4 3 4.7 5.8 4.7 8.4 0 3-2 5.2-4.7 6.6-2.7-1.4-4.7-3.6-4.7-6.6C11.3 7.8 12.6 5 16 2Z"
        style={{ fill: "var(--petal, currentColor)" }}
      />
      <path
        d="M2.6 6.2c4.2.2 6.5 1.5 7.5 3.7 1 2.1.3 4.3-1.5 6.7-3-.5-4.9-1.6-5.8-3.7C1.9 10.8 2 8.8 2.6 6.2ZM29.4 6.2c-4.2.2-6.5 1.5-7.5 3.7-1 2.1-.3 4.3 1.5 6.7 3-.5 4.9-1.6 5.8-3.7.9-2.1.8-4.1.2-6.7Z"
        fill="currentColor"
      />
    </svg>
  );
}

/** The sign and the name, at the top of pages without a rail. */
export function Mark({ href, name = "Bouquet" }: { href?: string; name?: string }) {
  const inside = (
    <>
      <Sign />
      <span>{name}</span>
    </>
  );
  return href ? (
    <a className="mark" href={href}>
      {inside}
    </a>
  ) : (
    <span className="mark">{inside}</span>
  );
}
