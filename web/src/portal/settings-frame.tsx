import "./portal.css";
import { useLocation } from "@tanstack/react-router";
import { KeyRound, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import { usePortalText } from "../i18n/portal.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { Icon } from "../ui/icon.tsx";

/** Profile and security: their navigation at the left, one sheet of sections. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const t = usePortalText();
  const { pathname } = useLocation();
  return (
    <Workspace
      head={<span className="strong">{t.settings}</span>}
      navLabel={t.settings}
      nav={
        <>
          <Link href="/profile" aria-current={pathname === "/profile" ? "page" : undefined}>
            <Icon of={UserRound} />
            {t.profile}
          </Link>
          <Link href="/security" aria-current={pathname === "/security" ? "page" : undefined}>
            <Icon of={KeyRound} />
            {t.security}
          </Link>
        </>
      }
    >
      <div className="sheet settings">{children}</div>
    </Workspace>
  );
}
