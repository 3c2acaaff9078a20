import "./marks.css";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { formatPercent, formatUsage } from "../i18n/format.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { colorOf, initialsOf } from "./avatar.ts";
import { cx } from "./cx.ts";
import { Icon, type LucideIcon } from "./icon.tsx";

export type Tone = "green" | "ok" | "warn" | "danger" | "info" | "line" | "none" | "plain";

interface ChipProps {
  readonly children: ReactNode;
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  /** Name of the person that the chip stands for: shows the face. */
  readonly who?: string;
  readonly isLarge?: boolean;
  readonly onRemove?: () => void;
  readonly removeLabel?: string;
}

/** A small fact, in words. */
export function Chip({ children, tone = "plain", icon, who, isLarge, onRemove, removeLabel }: ChipProps) {
  return (
    <span className={cx("chip", tone !== "plain" && tone, who !== undefined && "who", isLarge && "lg")}>
      {who !== undefined && <Avatar name={who} size="sm" />}
      {icon && <Icon of={icon} size="sm" />}
      <span className="clip">{children}</span>
      {onRemove && (
        <button type="button" aria-label={removeLabel} onClick={onRemove}>
          <Icon of={X} size="sm" />
        </button>
      )}
    </span>
  );
}

/** A count. */
export function Badge({ children }: { children: ReactNode }) {
  return <span className="badge">{children}</span>;
}

/** A state in words with its colour. */
export function StateDot({ tone, children }: { tone: "ok" | "warn" | "danger" | "off"; children: ReactNode }) {
  return <span className={cx("state", tone)}>{children}</span>;
}

interface AvatarProps {
  readonly name: string;
  /** What the colour is drawn from: the address where there is one, so that it stays when the name changes. */
  readonly seed?: string;
  readonly size?: "sm" | "md" | "lg";
}

/** Initials on one of eight grounds. Decorative: the name stands beside it. */
export function Avatar({ name, seed = name, size = "md" }: AvatarProps) {
  return (
    <span className={cx("av", `c${colorOf(seed)}`, size !== "md" && size)} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

interface ProgressProps {
  readonly label: string;
  /** 0 to 1, or null while unknown. */
  readonly ratio: number | null;
  readonly tone?: "plain" | "warn" | "danger";
}

export function ProgressBar({ label, ratio, tone = "plain" }: ProgressProps) {
  const percent = ratio === null ? undefined : Math.round(Math.min(1, Math.max(0, ratio)) * 100);
  return (
    <div
      className={cx("bar", tone !== "plain" && tone, ratio === null && "unknown")}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i style={percent === undefined ? undefined : { width: `${percent}%` }} />
    </div>
  );
}

/** Used space of a quota: ochre from 80 %, red from 95 %. Bytes. */
export function QuotaBar({ used, limit, hideText }: { used: number; limit: number; hideText?: boolean }) {
  const t = useUiText();
  const language = useLanguage();
  const ratio = limit > 0 ? used / limit : 0;
  return (
    <div className="stack">
      <div
        className={cx("bar", ratio >= 0.95 ? "danger" : ratio >= 0.8 && "warn")}
        role="img"
        aria-label={t.usage(formatPercent(language, ratio))}
      >
        <i style={{ width: `${Math.min(100, ratio * 100)}%` }} />
      </div>
      {!hideText && <span className="small muted">{formatUsage(language, used, limit)}</span>}
    </div>
  );
}
