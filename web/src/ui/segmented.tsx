import "./button.css";
import type { LucideIcon } from "lucide-react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { Icon } from "./icon.tsx";

interface Segment<K extends string> {
  readonly id: K;
  readonly label: string;
  readonly icon?: LucideIcon;
}

interface Props<K extends string> {
  readonly label: string;
  readonly segments: readonly Segment<K>[];
  readonly value: K;
  readonly onChange: (value: K) => void;
}

/** Two to four exclusive views of the same thing. */
export function SegmentedControl<K extends string>({ label, segments, value, onChange }: Props<K>) {
  return (
    <ToggleButtonGroup
      className="seg"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        for (const key of keys) onChange(key as K);
      }}
    >
      {segments.map((segment) => (
        <ToggleButton key={segment.id} id={segment.id}>
          {segment.icon && <Icon of={segment.icon} size="sm" />}
          {segment.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
