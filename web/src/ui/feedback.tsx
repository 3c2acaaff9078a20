import "./feedback.css";
import { CircleAlert, CircleCheck, Info, type LucideIcon, ShieldAlert, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useUiText } from "../i18n/ui.ts";
import { Button } from "./button.tsx";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

const icons = { ok: CircleCheck, warn: CircleAlert, danger: ShieldAlert, info: Info, plain: Info } as const;

interface NoteProps {
  readonly tone?: keyof typeof icons;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
  /** True when it appears in answer to what the person did: it is then read aloud. */
  readonly isLive?: boolean;
}

/** A block of one or two sentences beside what it speaks of. */
export function Note({ tone = "plain", icon, children, isLive }: NoteProps) {
  return (
    <div
      className={cx("note", tone !== "plain" && tone)}
      role={isLive ? (tone === "danger" ? "alert" : "status") : undefined}
    >
      <Icon of={icon ?? icons[tone]} />
      <div className="grow">{children}</div>
    </div>
  );
}

interface BannerProps {
  readonly tone: "warn" | "danger" | "info";
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** A state of the whole page, under the head. */
export function Banner({ tone, icon, children, action }: BannerProps) {
  return (
    <div className={cx("banner", tone)} role="status">
      <Icon of={icon ?? (tone === "info" ? Info : CircleAlert)} />
      <span>{children}</span>
      {action && (
        <Button size="sm" onPress={action.run}>
          {action.label}
        </Button>
      )}
    </div>
  );
}

/** The ochre banner, shown while the browser or the server is out of reach. `text` says what goes on working. */
export function OfflineBanner({ isOffline, text }: { isOffline: boolean; text?: string }) {
  const t = useUiText();
  if (!isOffline) return null;
  return (
    <Banner tone="warn" icon={WifiOff}>
      {text ?? t.offline}
    </Banner>
  );
}

/** True once `waiting` has lasted 200 ms: loading shows nothing before. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), 200);
    return () => clearTimeout(timer);
  }, [waiting]);
  return waiting && slow;
}

interface SkeletonProps {
  readonly width?: number | string;
  readonly height?: number | string;
  readonly isRound?: boolean;
}

/** A grey shape where content will be. Put several inside `Loading`. */
export function Skeleton({ width = "100%", height = 14, isRound }: SkeletonProps) {
  return <span className="sk" style={{ width, height, borderRadius: isRound ? "50%" : undefined }} />;
}

/** Shows skeletons after 200 ms and says « Chargement… » to screen readers. */
export function Loading({ children }: { children: ReactNode }) {
  const t = useUiText();
  const slow = useSlow(true);
  if (!slow) return null;
  return (
    <div role="status">
      <span className="vh">{t.loading}</span>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

/** Rows of a face and two lines, as most lists are. */
export function SkeletonRows({ count = 5 }: { count?: number }) {
  return (
    <Loading>
      <div className="stack stack-5" style={{ padding: "16px 20px" }}>
        {Array.from({ length: count }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: identical shapes that never move
          <div className="row" style={{ gap: 14 }} key={at}>
            <Skeleton width={40} height={40} isRound />
            <span className="grow stack">
              <Skeleton width={`${48 - (at % 3) * 9}%`} />
              <Skeleton width={`${82 - (at % 4) * 8}%`} height={12} />
            </span>
          </div>
        ))}
      </div>
    </Loading>
  );
}
