import { usePortalText } from "../i18n/portal.ts";
import { useTitle } from "../shell/title.ts";
import { AppPasswords } from "./app-passwords.tsx";
import { ChangePassword } from "./change-password.tsx";
import { SessionsList } from "./sessions-list.tsx";
import { SettingsFrame } from "./settings-frame.tsx";

/** Password, connected devices, app passwords with what to type into them. */
export function SecurityPage() {
  const t = usePortalText();
  useTitle(t.security);
  return (
    <SettingsFrame>
      <h1 className="vh">{t.security}</h1>
      <ChangePassword />
      <SessionsList />
      <AppPasswords />
    </SettingsFrame>
  );
}
