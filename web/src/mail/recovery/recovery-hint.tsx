import { Link } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useMailRecoveryText } from "../../i18n/mail-recovery.ts";
import { Icon } from "../../ui/icon.tsx";
import type { MailAccount } from "../jmap/accounts.ts";

export function recoveryHref({ id, isOwn }: MailAccount): string {
  return isOwn ? "/recovery" : `/recovery?account=${id}`;
}

/** Above the trash: that what leaves it is not lost yet. */
export function RecoveryHint({ account }: { account: MailAccount }) {
  const t = useMailRecoveryText();
  return (
    <Link to="/recovery" search={account.isOwn ? {} : { account: account.id }} className="recovery-hint small">
      <Icon of={History} size="sm" />
      <span>{t.hint}</span>
    </Link>
  );
}
