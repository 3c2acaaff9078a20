import "./feedback.css";
import type { ReactNode } from "react";

const drawings = {
  mailbox: (
    <>
      <path className="f" d="M30 92h84a6 6 0 0 1 0 4H30z" />
      <rect className="f" x="44" y="30" width="62" height="42" rx="6" />
      <path d="M24 96h96M72 72v24M44 72V48a16 16 0 0 1 16-16h34a14 14 0 0 1 14 14v26H44Z" />
      <path d="M44 72V48a14 14 0 0 1 28 0v24M52 58h10" />
      <path className="r" d="M92 44V22h14v8H92" />
      <path d="M122 96c0-10 4-14 8-16M122 96c0-8-3-11-6-13" />
    </>
  ),
  folder: (
    <>
      <path className="f" d="M32 40h80v46a6 6 0 0 1-6 6H38a6 6 0 0 1-6-6z" />
      <path d="M32 84V34a6 6 0 0 1 6-6h18l8 8h42a6 6 0 0 1 6 6v42a8 8 0 0 1-8 8H40a8 8 0 0 1-8-8Z" />
      <path d="M32 50h80M20 96h104" />
      <path className="r" d="M72 82V62M72 70c-7 0-9-4-9-8 5 0 9 2 9 8ZM72 66c6 0 8-4 8-7-5 0-8 2-8 7Z" />
    </>
  ),
  hedge: (
    <>
      <path className="f" d="M16 84c8-16 20-20 30-16 4-14 26-18 36-4 12-10 28-4 30 8 8 0 14 5 16 12z" />
      <path d="M12 92h120M24 92c-6-14 6-26 18-22 4-18 32-20 38-2 14-8 30 2 28 16M44 92V80m-6 4 6 6 6-8M82 92V76m-7 5 7 7 7-9M110 92v-8" />
      <circle className="r" cx="104" cy="26" r="10" />
      <path className="r" d="M104 8v3M104 41v3M86 26h3M119 26h3" />
    </>
  ),
  search: (
    <>
      <path className="f" d="M24 84h96v8H24z" />
      <circle cx="66" cy="46" r="24" />
      <path d="m84 64 18 18M16 96h112" />
      <path className="r" d="M66 58V44M66 50c-6 0-8-3-8-7 5 0 8 2 8 7ZM66 47c5 0 7-3 7-6-5 0-7 2-7 6Z" />
    </>
  ),
  gate: (
    <>
      <path className="f" d="M30 52h84v36H30z" />
      <path d="M26 96V36M118 96V36M26 52h92M26 84h92M26 84l92-32M48 52v32M72 52v32M96 52v32M14 96h116" />
      <circle className="r" cx="26" cy="30" r="5" />
      <circle className="r" cx="118" cy="30" r="5" />
    </>
  ),
} as const;

interface Props {
  readonly drawing: keyof typeof drawings;
  readonly title: string;
  readonly children?: ReactNode;
  /** At most one. */
  readonly action?: ReactNode;
  /** 2 when it stands for the whole page. */
  readonly level?: 2 | 3;
}

/** Nothing to show: a line drawing, one title, one sentence, at most one action. */
export function EmptyState({ drawing, title, children, action, level = 3 }: Props) {
  const Title = level === 2 ? "h2" : "h3";
  return (
    <div className="empty">
      <svg className="draw" viewBox="0 0 144 104" aria-hidden="true" focusable="false">
        {drawings[drawing]}
      </svg>
      <Title>{title}</Title>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
