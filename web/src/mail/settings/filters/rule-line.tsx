import type { FilterRule } from "@bouquet/contract/jmap-filters.ts";
import { ArrowDown, ArrowUp, CopyPlus, Ellipsis, ListChecks, PenLine, Trash2 } from "lucide-react";
import { Fragment, type KeyboardEvent, useEffect, useRef } from "react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { IconButton } from "../../../ui/button.tsx";
import { Switch } from "../../../ui/field.tsx";
import { Chip } from "../../../ui/marks.tsx";
import { MenuButton, MenuEntry, MenuLine } from "../../../ui/menu.tsx";
import { plainWords, type Words } from "./rule-words.ts";

interface Props {
  readonly rule: FilterRule;
  readonly number: number;
  readonly isReadOnly: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly words: readonly Words[];
  readonly onToggle: (isEnabled: boolean) => void;
  readonly onEdit: () => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onDuplicate: () => void;
  /** Null: the rule is only for messages to come. */
  readonly onApply: (() => void) | null;
  readonly onRemove: () => void;
}

/** One rule as a sentence. Alt and an arrow move it too. */
export function RuleLine(props: Props) {
  const { rule, number, isReadOnly, isFirst, isLast, words, onToggle, onEdit, onMove, onDuplicate, onApply, onRemove } =
    props;
  const { filters: t } = useMailSettingsText();
  const line = useRef<HTMLLIElement>(null);
  const what = rule.name || plainWords(words);
  const moved = useRef<-1 | 1 | null>(null);
  const move = (by: -1 | 1) => {
    moved.current = by;
    onMove(by);
  };
  // The button is disabled under the focus at the ends of the list, and a moved line loses the focus it has.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the rule has its new place
  useEffect(() => {
    const by = moved.current;
    moved.current = null;
    if (by === null) return;
    const buttons = [...(line.current?.querySelectorAll<HTMLButtonElement>(".order button") ?? [])];
    const wanted = buttons[by === -1 ? 0 : 1];
    (wanted?.disabled ? buttons.find((button) => !button.disabled) : wanted)?.focus();
  }, [number]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isReadOnly || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    move(event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <li ref={line} className="rule" data-off={rule.isEnabled ? undefined : true} onKeyDownCapture={onKeyDown}>
      <span className="rule-n" aria-hidden="true">
        {number}
      </span>
      <div className="rule-what">
        {(rule.name !== "" || !rule.isEnabled) && (
          <p className="row wrap-row" style={{ rowGap: 2 }}>
            {rule.name !== "" && <span className="strong clip">{rule.name}</span>}
            {!rule.isEnabled && <Chip>{t.off}</Chip>}
          </p>
        )}
        <p className="rule-words">
          {words.map(({ text, isStrong }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: words of one sentence, never reordered
            <Fragment key={at}>{isStrong ? <b>{text}</b> : text}</Fragment>
          ))}
        </p>
      </div>
      {!isReadOnly && (
        <div className="rule-acts">
          <Switch hideLabel isSelected={rule.isEnabled} onChange={onToggle}>
            {t.enabled(what)}
          </Switch>
          <span className="order">
            <IconButton size="sm" label={t.up(what)} icon={ArrowUp} isDisabled={isFirst} onPress={() => move(-1)} />
            <IconButton size="sm" label={t.down(what)} icon={ArrowDown} isDisabled={isLast} onPress={() => move(1)} />
          </span>
          <IconButton size="sm" label={t.editOf(what)} icon={PenLine} onPress={onEdit} />
          <MenuButton label={t.menuOf(what)} trigger={<IconButton size="sm" label={t.menuOf(what)} icon={Ellipsis} />}>
            <MenuEntry icon={PenLine} onAction={onEdit}>
              {t.edit}
            </MenuEntry>
            <MenuEntry icon={CopyPlus} onAction={onDuplicate}>
              {t.duplicate}
            </MenuEntry>
            {onApply && (
              <MenuEntry icon={ListChecks} onAction={onApply}>
                {t.apply}
              </MenuEntry>
            )}
            <MenuLine />
            <MenuEntry icon={Trash2} isDanger onAction={onRemove}>
              {t.remove}
            </MenuEntry>
          </MenuButton>
        </div>
      )}
    </li>
  );
}
