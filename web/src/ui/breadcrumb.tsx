import "./collections.css";
import { ChevronRight } from "lucide-react";
import type { ReactElement } from "react";
import { useUiText } from "../i18n/ui.ts";
import { Icon } from "./icon.tsx";

interface Crumb {
  readonly id: string;
  readonly label: string;
}

interface Props {
  readonly crumbs: readonly Crumb[];
  /** Draws the way back to a crumb: a router link. The last one is where one is and is never a link. */
  readonly link: (crumb: Crumb) => ReactElement;
}

/** Where one is, from the top to here. */
export function Breadcrumb({ crumbs, link }: Props) {
  const t = useUiText();
  return (
    <nav className="crumbs" aria-label={t.breadcrumb}>
      <ol>
        {crumbs.map((crumb, at) => (
          <li key={crumb.id}>
            {at > 0 && <Icon of={ChevronRight} size="sm" />}
            {at === crumbs.length - 1 ? (
              <span aria-current="page" className="clip">
                {crumb.label}
              </span>
            ) : (
              link(crumb)
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
