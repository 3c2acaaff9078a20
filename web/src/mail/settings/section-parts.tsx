import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileCode } from "lucide-react";
import type { ReactNode } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { useSession } from "../../api/session.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Banner, Note, SkeletonRows } from "../../ui/feedback.tsx";
import { SegmentedControl } from "../../ui/segmented.tsx";

/** The title of a sheet, what it is for, and its one filled button. */
export function SectionHead({ title, lead, action }: { title: string; lead: string; action?: ReactNode }) {
  return (
    <div className="mset-head">
      <div className="grow">
        <h1 id="mset-title">{title}</h1>
        <p className="lead">{lead}</p>
      </div>
      {action}
    </div>
  );
}

/** Waits for what the section shows, says what failed and tries again. */
export function Reading<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const ui = useUiText();
  const errorText = useErrorText();
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return (
      <Banner tone="danger" action={{ label: ui.retry, run: () => void query.refetch() }}>
        {errorText(query.error)}
      </Banner>
    );
  }
  return <SkeletonRows count={3} />;
}

/** Stands where a setting is part of a script that a person wrote. */
export function ScriptHere() {
  const { filters: t } = useMailSettingsText();
  return (
    <Note tone="info" icon={FileCode}>
      {t.scriptHere}{" "}
      <Link to="/settings/$section" params={{ section: "filters" }} search={(kept) => kept}>
        {t.toScript}
      </Link>
    </Note>
  );
}

export type ScreeningScope = "mine" | "all";

/** Whether an administrator decides for one mailbox or for everyone. Nothing for others. */
export function ScopeChoice({ value, onChange }: { value: ScreeningScope; onChange: (scope: ScreeningScope) => void }) {
  const t = useMailSettingsText();
  const { roles, person } = useSession();
  if (!roles.includes("member_admin")) return null;
  return (
    <div>
      <SegmentedControl
        label={t.scope}
        segments={[
          { id: "mine", label: t.scopeMine },
          { id: "all", label: t.scopeAll(person.organization.name) },
        ]}
        value={value}
        onChange={onChange}
      />
    </div>
  );
}

/** Query string of the screening API: one mailbox, or the whole organization. */
export function scopeQuery(scope: ScreeningScope, accountId: string): string {
  return scope === "all" ? "" : `?accountId=${encodeURIComponent(accountId)}`;
}
