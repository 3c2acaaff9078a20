import "./portal.css";
import { Link } from "@tanstack/react-router";
import { KeyRound, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import { usePortalText } from "../i18n/portal.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { Icon } from "../ui/icon.tsx";

/** Profile and security: their navigation at the left, one sheet of sections. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const t = usePortalText();
  return (
    <Workspace
      head={<span className="strong">{t.settings}</span>}
      navLabel={t.settings}
      nav={
        <>
          <Link to="/profile">
            <Icon of={UserRound} />
            {t.profile}
          </Link>
          <Link to="/security">
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
