import { X } from "lucide-react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { IconButton } from "../../../ui/button.tsx";
import { TextAreaField, TextField } from "../../../ui/field.tsx";
import { Select } from "../../../ui/select.tsx";
import { type ActionForm, actionKinds, newMailbox } from "./rule-form.ts";
import type { RuleMailboxes } from "./use-rule-mailboxes.ts";

interface Props {
  readonly number: number;
  readonly action: ActionForm;
  readonly mailboxes: RuleMailboxes;
  readonly error: string | null;
  readonly onChange: (action: ActionForm) => void;
  readonly onRemove: () => void;
}

/** « Ranger dans | Voirie ». */
export function ActionRow({ number, action, mailboxes, error, onChange, onRemove }: Props) {
  const { filters: t } = useMailSettingsText();
  const change = (part: Partial<ActionForm>) => onChange({ ...action, ...part });
  const { kind } = action;
  const hasPlace = kind === "move" || kind === "copy";
  const kinds = actionKinds.filter((each) => each !== "label" || kind === "label");
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend would be drawn; the number is for screen readers
    <div className="rule-row act" role="group" aria-label={t.action(String(number))}>
      <Select
        label={t.what}
        hideLabel
        choices={kinds.map((id) => ({ id, label: t.kinds[id] }))}
        value={kind}
        onChange={(next) => change({ kind: next })}
      />
      {hasPlace && (
        <div className="rule-values">
          <Select
            label={t.folder}
            hideLabel
            placeholder={t.folder}
            choices={[...placesFor(action, mailboxes), { id: newMailbox, label: t.newFolder }]}
            value={action.mailboxId}
            onChange={(mailboxId) => change({ mailboxId, mailbox: mailboxes.nameOf(mailboxId) ?? action.mailbox })}
          />
          {action.mailboxId === newMailbox ? (
            <TextField
              label={t.newFolderName}
              hideLabel
              placeholder={t.newFolderName}
              value={action.newName}
              onChange={(newName) => change({ newName })}
              error={error}
              maxLength={200}
              autoFocus
            />
          ) : (
            error && (
              <p className="err" role="alert">
                {error}
              </p>
            )
          )}
        </div>
      )}
      {kind === "forward" && (
        <TextField
          label={t.address}
          hideLabel
          type="email"
          placeholder={t.address}
          value={action.address}
          onChange={(address) => change({ address })}
          error={error}
          maxLength={254}
          autoComplete="off"
        />
      )}
      {kind === "reject" && (
        <TextAreaField
          label={t.answer}
          hideLabel
          rows={3}
          placeholder={t.answer}
          value={action.text}
          onChange={(text) => change({ text })}
          error={error}
          maxLength={2000}
        />
      )}
      {kind === "discard" && <p className="rule-hint small muted">{t.discardHint}</p>}
      {kind === "label" && <p className="rule-hint small muted">{action.flags.join(", ")}</p>}
      <IconButton className="rule-x" label={t.removeAction(String(number))} icon={X} onPress={onRemove} />
    </div>
  );
}

/** The folders, and the one that the action names when it is gone. */
function placesFor(action: ActionForm, mailboxes: RuleMailboxes) {
  const { mailboxId, mailbox } = action;
  const isGone = mailboxId !== null && mailboxId !== newMailbox && mailboxes.nameOf(mailboxId) === undefined;
  return isGone ? [...mailboxes.places, { id: mailboxId, label: mailbox }] : mailboxes.places;
}
