import type { Rollback } from "@bouquet/contract/drive-recovery.ts";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "../../api/http.ts";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note, SkeletonRows } from "../../ui/feedback.tsx";
import { toast } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import type { RollbackSource } from "./recovery-queries.ts";
import { RollbackFigures } from "./rollback-figures.tsx";

interface Props {
  readonly title: string;
  readonly source: RollbackSource;
  /** Before the figures. */
  readonly intro: string;
  /** Of the button that does it. */
  readonly confirm: string;
  readonly onClose: () => void;
  /** A button beside « Annuler ». */
  readonly other?: ReactNode;
}

/** Shows what going back changes, and does just that. */
export function RollbackDialog({ title, source, intro, confirm, onClose, other }: Props) {
  const t = useDriveRecoveryText();
  const errorText = useDriveErrorText();
  const queries = useQueryClient();
  const [shown, setShown] = useState<Rollback | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isWorking, setIsWorking] = useState(false);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again
  useEffect(() => {
    let isHere = true;
    setShown(null);
    source.preview().then(
      (rollback) => isHere && setShown(rollback),
      (problem: unknown) => isHere && setError(problem),
    );
    return () => {
      isHere = false;
    };
  }, [source, attempt]);

  const order = async () => {
    if (!shown) return;
    setIsWorking(true);
    setError(null);
    try {
      await source.order(shown.state);
      toast(t.done);
      onClose();
    } catch (problem) {
      setError(problem);
      if (problem instanceof ApiError && problem.body.reason === "changed") setAttempt(attempt + 1);
    }
    setIsWorking(false);
    await queries.invalidateQueries({ queryKey: ["files"] });
  };

  const changes = shown
    ? Object.entries(shown.counts).some(([kind, { items }]) => kind !== "left" && items > 0)
    : false;
  return (
    <Dialog
      isOpen
      isWide
      isDismissable={!isWorking}
      onClose={onClose}
      title={title}
      actions={
        <>
          {other}
          <Button onPress={onClose}>{shown && !changes ? t.close : t.cancel}</Button>
          {(changes || !shown) && (
            <Button variant="primary" isDisabled={!changes} isPending={isWorking} onPress={() => void order()}>
              {confirm}
            </Button>
          )}
        </>
      }
    >
      {error !== null && (
        <Note tone="danger" isLive>
          {errorText(error)}
        </Note>
      )}
      {shown && changes && <p className="muted">{intro}</p>}
      {shown && <RollbackFigures rollback={shown} />}
      {!shown && error === null && <SkeletonRows count={3} />}
    </Dialog>
  );
}
