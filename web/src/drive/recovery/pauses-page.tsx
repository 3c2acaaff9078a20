import "./recovery.css";
import type { DevicePause } from "@bouquet/contract/drive-recovery.ts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, History } from "lucide-react";
import { useMemo, useState } from "react";
import { useSession } from "../../api/session.ts";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { formatDateInSentence, formatDateTime } from "../../i18n/format.ts";
import { formatNumber } from "../../i18n/language.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Note } from "../../ui/feedback.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { SheetPage } from "../sheet-page.tsx";
import { allowDevice, pauseRollback, pausesQuery } from "./recovery-queries.ts";
import { RollbackDialog } from "./rollback-dialog.tsx";

/** The devices that wait for a decision of the person: what each did, and what becomes of it. */
export function PausesPage() {
  const t = useDriveRecoveryText();
  return (
    <SheetPage title={t.pauses} query={useQuery(pausesQuery)}>
      {({ pauses }) =>
        pauses.length === 0 ? (
          <EmptyState drawing="hedge" level={2} title={t.pausesNone}>
            {t.pausesNoneText}
          </EmptyState>
        ) : (
          <div className="pauses">
            {pauses.map((pause) => (
              <Pause key={`${pause.accountId} ${pause.deviceId}`} pause={pause} />
            ))}
          </div>
        )
      }
    </SheetPage>
  );
}

function Pause({ pause }: { pause: DevicePause }) {
  const t = useDriveRecoveryText();
  const language = useLanguage();
  const errorText = useDriveErrorText();
  const queries = useQueryClient();
  const { timeZone } = useSession();
  const when = { language, timeZone };
  const [asking, setAsking] = useState<"allow" | "roll-back" | null>(null);
  const { accountId, deviceId } = pause;
  const source = useMemo(() => pauseRollback({ accountId, deviceId }), [accountId, deviceId]);
  const space = pause.isMySpace ? t.mySpace : pause.spaceName;
  const close = () => setAsking(null);
  const allow = async () => {
    close();
    try {
      await allowDevice({ accountId, deviceId });
      toast(t.allowed);
    } catch (error) {
      toastProblem(errorText(error));
    }
    await queries.invalidateQueries({ queryKey: ["files"] });
  };
  const did = pause.deleted + pause.renamed + pause.replaced > 0;
  return (
    <article className="pause">
      <h2>{pause.isMine ? t.pauseMine(pause.deviceName) : t.pauseOther(pause.deviceName, pause.personName)}</h2>
      <p>{t.pauseText(pause.changed, pause.total, space)}</p>
      <section className="stack stack-2" aria-label={t.did}>
        <h3 className="small muted">{t.did}</h3>
        {did ? (
          <dl>
            <Figure title={t.deleted} value={pause.deleted} />
            <Figure title={t.renamed} value={pause.renamed} />
            <Figure title={t.replaced} value={pause.replaced} />
            <dt>{t.pausedSince}</dt>
            <dd>{formatDateTime(pause.pausedAt, when)}</dd>
          </dl>
        ) : (
          <p>{t.didNothing}</p>
        )}
      </section>
      {pause.rolledBackAt ? (
        <Note tone="ok">
          <p>{t.rolledBack(formatDateInSentence(pause.rolledBackAt, when))}</p>
          <p>{t.newStart}</p>
        </Note>
      ) : (
        <div className="muted stack stack-2">
          <p>{t.ifMeant}</p>
          {pause.canRollBack && <p>{t.ifNotMeant}</p>}
          {did && !pause.canRollBack && <p>{t.cannotRollBack}</p>}
        </div>
      )}
      <div className="acts">
        {pause.canRollBack && (
          <Button variant="primary" icon={History} onPress={() => setAsking("roll-back")}>
            {t.rollBack}
          </Button>
        )}
        <Button icon={Check} onPress={() => setAsking("allow")}>
          {t.allow}
        </Button>
      </div>
      <Confirm
        isOpen={asking === "allow"}
        onClose={close}
        title={t.allowTitle(pause.deviceName)}
        text={t.allowText}
        confirm={t.allow}
        keep={t.keepPaused}
        variant="primary"
        onConfirm={() => void allow()}
      />
      {asking === "roll-back" && (
        <RollbackDialog
          title={t.rollBackTitle(space)}
          source={source}
          intro={t.rollBackAsOf(formatDateTime(pause.before, when))}
          confirm={t.rollBack}
          onClose={close}
        />
      )}
    </article>
  );
}

function Figure({ title, value }: { title: string; value: number }) {
  const language = useLanguage();
  if (value === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{formatNumber(language, value)}</dd>
    </>
  );
}
