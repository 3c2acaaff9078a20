import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import { Icon } from "../ui/icon.tsx";
import { Badge } from "../ui/marks.tsx";

interface Props {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly href: string;
  readonly count?: number;
  /** What the count means, for screen readers. */
  readonly countLabel?: string;
  readonly children: ReactNode;
}

/** One of the cards that overlap the portal's head: a service, and the one thing to know of it. */
export function ServiceCard({ icon, title, href, count = 0, countLabel, children }: Props) {
  return (
    <Link className="card svc" href={href}>
      <span className="t">
        <Icon of={icon} />
        {title}
        {count > 0 && (
          <Badge>
            <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
            <span className="vh">{countLabel}</span>
          </Badge>
        )}
      </span>
      <span />
      <span className="m">{children}</span>
    </Link>
  );
}
