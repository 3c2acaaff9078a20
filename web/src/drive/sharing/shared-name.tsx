import type { NodeShare } from "@bouquet/contract/drive.ts";
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { addressOf } from "../drive-context.ts";

interface Props {
  readonly node: NodeShare["node"];
  /** Under the name. */
  readonly facts: ReactNode;
  /** Who looks may not open it: the name alone. */
  readonly isPlain?: boolean;
}

/** What is shared, and a line under it. */
export function SharedName({ node, facts, isPlain = false }: Props) {
  return (
    <div className="nm">
      <FileGlyph name={node.name} kind={node.kind === "folder" ? "dir" : undefined} />
      <span className="grow">
        {isPlain ? (
          <span className="own-line clip">{node.name}</span>
        ) : (
          <Link className="own-line clip" href={addressOf(node)}>
            {node.name}
          </Link>
        )}
        <span className="small muted own-line clip">{facts}</span>
      </span>
    </div>
  );
}
