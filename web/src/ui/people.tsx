import "./people.css";
import { Users } from "lucide-react";
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";
import { Avatar, Chip } from "./marks.tsx";

interface RowProps {
  readonly name: string;
  /** What the colour of a person's disc is drawn from. */
  readonly seed: string;
  /** « groupe »; undefined for a person. */
  readonly group?: string | undefined;
  readonly chips?: ReactNode;
  /** Under the name. */
  readonly facts: ReactNode;
  /** What they may do, to be changed. */
  readonly terms?: ReactNode;
  /** Buttons of the row. */
  readonly acts?: ReactNode;
  /** In the place of both, where it is changed elsewhere. */
  readonly fixed?: ReactNode;
}

/** Somebody, or a group, in a `people` list: who, what they may do, and how to change it. */
export function PersonRow({ name, seed, group, chips, facts, terms, acts, fixed }: RowProps) {
  return (
    <li>
      {group === undefined ? (
        <Avatar name={name} seed={seed} />
      ) : (
        <span className="people-tile">
          <Icon of={Users} />
        </span>
      )}
      <div className="who">
        <span className="row">
          <span className="clip strong">{name}</span>
          {group !== undefined && <Chip>{group}</Chip>}
          {chips}
        </span>
        <span className="small muted">{facts}</span>
      </div>
      {fixed !== undefined ? (
        <span className="small muted fixed">{fixed}</span>
      ) : (
        <>
          <div className="terms">{terms}</div>
          <div className="acts">{acts}</div>
        </>
      )}
    </li>
  );
}
