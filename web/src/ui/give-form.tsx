import "./people.css";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { TokenField, type TokenItem, type TokenSuggestion } from "./token-field.tsx";

interface Props {
  readonly label: string;
  /** A heading says it already. */
  readonly hideLabel?: boolean;
  /** In the empty field. */
  readonly placeholder: string;
  readonly submit: string;
  readonly suggest: (text: string, signal: AbortSignal) => Promise<TokenSuggestion[]>;
  /** @returns whether it succeeded: who was refused stays in the field */
  readonly give: (to: TokenItem) => Promise<boolean>;
  readonly onStart?: () => void;
  /** @param left how many were refused */
  readonly onGiven?: (left: number) => Promise<void>;
  readonly autoFocus?: boolean;
  /** What is given: shown once somebody is chosen. */
  readonly children: ReactNode;
}

/** Finds people and groups by name, or by a whole address, and gives them all the same. */
export function GiveForm({
  label,
  hideLabel = false,
  placeholder,
  submit,
  suggest,
  give,
  onStart,
  onGiven,
  autoFocus = false,
  children,
}: Props) {
  const [tokens, setTokens] = useState<readonly TokenItem[]>([]);
  const [isWorking, setWorking] = useState(false);
  const giveAll = async () => {
    setWorking(true);
    onStart?.();
    const left: TokenItem[] = [];
    // One after the other: the list shows each, and a refusal says of whom.
    for (const token of tokens) if (!(await give(token))) left.push(token);
    setTokens(left);
    await onGiven?.(left.length);
    setWorking(false);
  };
  return (
    <form
      className="give"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (tokens.length > 0 && !isWorking) void giveAll();
      }}
    >
      <TokenField
        label={label}
        hideLabel={hideLabel}
        tokens={tokens}
        onChange={setTokens}
        parse={parseAddress}
        suggest={suggest}
        placeholder={tokens.length === 0 ? placeholder : ""}
        autoFocus={autoFocus}
      />
      {tokens.length > 0 && (
        <div className="give-terms">
          {children}
          <Button variant="primary" type="submit" isPending={isWorking}>
            {submit}
          </Button>
        </div>
      )}
    </form>
  );
}

function parseAddress(text: string): TokenItem | null {
  const typed = text.trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(typed) ? { id: typed, label: typed } : null;
}
