import type { DriveNode, FileVersions } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { Download, RotateCcw, Tag } from "lucide-react";
import { useId, useState } from "react";
import { request } from "../api/http.ts";
import { useSession } from "../api/session.ts";
import { useDriveText } from "../i18n/drive.ts";
import { useDriveRecoveryText } from "../i18n/drive-recovery.ts";
import { formatBytes, formatDateInSentence } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Chip } from "../ui/marks.tsx";
import { toast, toastProblem } from "../ui/toast.tsx";
import { useDriveErrorText } from "./drive-error-text.ts";
import { contentHref, versionsQuery } from "./drive-queries.ts";
import { useNodeActions } from "./use-node-actions.ts";

type Version = FileVersions["versions"][number];

/** The contents that a file had: to read, to bring back, to name. Those that the schedule does not keep are folded away. */
export function Versions({ node, canWrite }: { node: DriveNode; canWrite: boolean }) {
  const t = useDriveText();
  const recovery = useDriveRecoveryText();
  const { data } = useQuery(versionsQuery(node.id));
  const [isWhole, setWhole] = useState(false);
  const [naming, setNaming] = useState<Version | null>(null);
  if (!data) return null;
  const isUnscanned = data.versions.some((version) => version.isCurrent && version.isUnscanned);
  const unscanned = isUnscanned && <p className="small muted">{recovery.unscanned}</p>;
  if (data.versions.length < 2) return unscanned || null;
  const folded = data.versions.filter((version) => !version.isMilestone).length;
  const shown = isWhole ? data.versions : data.versions.filter((version) => version.isMilestone);
  return (
    <section>
      {unscanned}
      <h3>{t.versions}</h3>
      <ul className="stack stack-3">
        {shown.map((version) => (
          <VersionRow key={version.id} node={node} version={version} canWrite={canWrite} onName={setNaming} />
        ))}
      </ul>
      {folded > 0 && (
        <Button size="sm" variant="ghost" onPress={() => setWhole(!isWhole)}>
          {isWhole ? recovery.versionsShowFewer : recovery.versionsShowAll(folded)}
        </Button>
      )}
      {naming && <VersionNameDialog node={node} version={naming} onClose={() => setNaming(null)} />}
    </section>
  );
}

interface RowProps {
  readonly node: DriveNode;
  readonly version: Version;
  readonly canWrite: boolean;
  readonly onName: (version: Version) => void;
}

function VersionRow({ node, version, canWrite, onName }: RowProps) {
  const t = useDriveText();
  const recovery = useDriveRecoveryText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const date = formatDateInSentence(version.createdAt, { language, timeZone });
  const bringBack = async () => {
    try {
      await request(`/api/drive/files/${node.id}/versions/${version.id}/restore`, { method: "POST" });
      toast(t.versionRestored);
    } catch (error) {
      toastProblem(errorText(error));
    }
    await refresh();
  };
  return (
    <li className="row version">
      <span className="grow small">
        <span className="own-line first-upper">{date}</span>
        {version.label && <Chip tone="green">{version.label}</Chip>}
        <span className="muted own-line">
          {[version.isCurrent && t.versionCurrent, formatBytes(language, version.size), version.createdBy]
            .filter(Boolean)
            .join(", ")}
        </span>
      </span>
      {canWrite && (
        <IconButton size="sm" label={recovery.versionNameOf(date)} icon={Tag} onPress={() => onName(version)} />
      )}
      <a
        className="btn icon ghost sm"
        href={contentHref(node.id, "attachment", version.id)}
        aria-label={t.versionDownloadOf(date)}
        title={t.download}
        download
      >
        <Icon of={Download} size="sm" />
      </a>
      {canWrite && !version.isCurrent && (
        <IconButton size="sm" label={t.versionRestoreOf(date)} icon={RotateCcw} onPress={() => void bringBack()} />
      )}
    </li>
  );
}

function VersionNameDialog({ node, version, onClose }: { node: DriveNode; version: Version; onClose: () => void }) {
  const t = useDriveRecoveryText();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const [label, setLabel] = useState(version.label ?? "");
  const [error, setError] = useState<string | null>(null);
  const id = useId();
  const save = async () => {
    try {
      await request(`/api/drive/files/${node.id}/versions/${version.id}`, { method: "PATCH", body: { label } });
      toast(t.versionNamed);
      onClose();
      await refresh();
    } catch (problem) {
      setError(errorText(problem));
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.versionNameTitle}
      isDismissable={label === (version.label ?? "")}
      actions={
        <>
          <Button onPress={onClose}>{t.cancel}</Button>
          <Button variant="primary" type="submit" form={id}>
            {t.save}
          </Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={t.versionNameLabel}
          hint={t.versionNameHint}
          value={label}
          onChange={setLabel}
          maxLength={200}
          error={error}
          autoFocus
        />
      </form>
    </Dialog>
  );
}
