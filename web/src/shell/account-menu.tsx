import type { Session } from "@bouquet/contract/session.ts";
import { Ellipsis, KeyRound, LifeBuoy, LogOut, Settings2, UserRound } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { signOut } from "../api/session.ts";
import { setLanguage, useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Avatar } from "../ui/marks.tsx";
import { MenuButton, MenuChoice, MenuEntry, MenuLine } from "../ui/menu.tsx";
import { setAppearance, useAppearance } from "../ui/theme/appearance.ts";
import { toastProblem } from "../ui/toast.tsx";
import { SupportContact } from "./support.tsx";

/** Profile, security, language, appearance, help, sign-out: from the face of the rail, or « Plus » of the phone's bar. */
export function AccountMenu({ session, as }: { session: Session; as: "face" | "tab" }) {
  const t = useUiText();
  const language = useLanguage();
  const { theme, density } = useAppearance();
  const errorText = useErrorText();
  const [helping, setHelping] = useState(false);
  const { person, services } = session;

  const isPortal = window.location.origin === new URL(services.portal).origin;
  const isMail = window.location.origin === new URL(services.mail).origin;
  const portal = isPortal ? "" : services.portal;

  const changeLanguage = (next: "fr" | "en") => {
    setLanguage(next);
    // The profile lives at the portal; elsewhere the choice stays in this browser.
    if (isPortal) {
      request("/api/profile", { method: "PATCH", body: { language: next } }).catch(() => undefined);
    }
  };

  const trigger =
    as === "face" ? (
      <AriaButton className="me">
        <span className="vh">{t.account(person.displayName)}</span>
        <Avatar name={person.displayName} seed={person.address} />
      </AriaButton>
    ) : (
      <AriaButton className="tab mo">
        <Icon of={Ellipsis} />
        {t.more}
      </AriaButton>
    );

  return (
    <>
      <MenuButton
        trigger={trigger}
        label={t.account(person.displayName)}
        placement={as === "face" ? "right bottom" : "top end"}
      >
        <MenuEntry icon={UserRound} href={`${portal}/profile`}>
          {t.profile}
        </MenuEntry>
        <MenuEntry icon={KeyRound} href={`${portal}/security`}>
          {t.security}
        </MenuEntry>
        <MenuEntry icon={Settings2} href={`${isMail ? "" : services.mail}/settings/filters`}>
          {t.mailSettings}
        </MenuEntry>
        <MenuEntry icon={LifeBuoy} onAction={() => setHelping(true)}>
          {t.help}
        </MenuEntry>
        <MenuLine />
        <MenuChoice
          title={t.theme}
          value={theme}
          onChange={(next) => setAppearance({ theme: next })}
          choices={[
            { id: "system", label: t.themeSystem },
            { id: "light", label: t.themeLight },
            { id: "dark", label: t.themeDark },
          ]}
        />
        <MenuChoice
          title={t.density}
          value={density}
          onChange={(next) => setAppearance({ density: next })}
          choices={[
            { id: "comfortable", label: t.comfortable },
            { id: "compact", label: t.compact },
          ]}
        />
        <MenuChoice
          title={t.language}
          value={language}
          onChange={changeLanguage}
          choices={[
            { id: "fr", label: "Français" },
            { id: "en", label: "English" },
          ]}
        />
        <MenuLine />
        <MenuEntry icon={LogOut} onAction={() => signOut().catch((error: unknown) => toastProblem(errorText(error)))}>
          {t.signOut}
        </MenuEntry>
      </MenuButton>
      <Dialog isOpen={helping} onClose={() => setHelping(false)} title={t.supportTitle}>
        <SupportContact />
      </Dialog>
    </>
  );
}
