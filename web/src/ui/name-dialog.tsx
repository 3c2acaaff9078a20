import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useUiText } from "../i18n/ui.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";

interface Props {
  readonly title: string;
  readonly label: string;
  /** The verb of the button. */
  readonly verb: string;
  /** What it is called now; empty for something new. */
  readonly name?: string;
  /** A file's name ends with an extension, which rarely changes: typing replaces what stands before it. */
  readonly isFile?: boolean;
  /** Said of an empty field. */
  readonly empty: string;
  /** @throws what `explain` makes a sentence of */
  readonly save: (name: string) => Promise<void>;
  readonly explain: (error: unknown) => string;
  readonly onClose: () => void;
}

/** A name for something new, or another one. A refused name stays in the field with its reason. */
export function NameDialog({
  title,
  label,
  verb,
  name: before = "",
  isFile = false,
  empty,
  save,
  explain,
  onClose,
}: Props) {
  const t = useUiText();
  const form = useId();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(before);
  const [error, setError] = useState<string | null>(null);
  const [isPending, setPending] = useState(false);

  useEffect(() => {
    const field = input.current;
    if (!field) return;
    field.focus();
    const dot = isFile ? field.value.lastIndexOf(".") : -1;
    field.setSelectionRange(0, dot > 0 ? dot : field.value.length);
  }, [isFile]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isPending) return;
    if (name.trim() === "") return setError(empty);
    setPending(true);
    try {
      await save(name.trim());
      onClose();
    } catch (refusal) {
      setError(explain(refusal));
      setPending(false);
    }
  };

  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onPress={onClose}>{t.cancel}</Button>
          <Button variant="primary" type="submit" form={form} isPending={isPending}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate>
        <TextField
          inputRef={input}
          label={label}
          value={name}
          onChange={(value) => {
            setName(value);
            setError(null);
          }}
          error={error}
          autoComplete="off"
        />
      </form>
    </Dialog>
  );
}
