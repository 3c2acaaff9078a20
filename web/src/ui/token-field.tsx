import "./field.css";
import "./marks.css";
import "./overlay.css";
import "./collections.css";
import { CircleAlert, X } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useUiText } from "../i18n/ui.ts";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";
import { Avatar, type Tone } from "./marks.tsx";
import { fits, splitTokens } from "./token-list.ts";

export interface TokenItem {
  /** Unique in the field: the address. */
  readonly id: string;
  readonly label: string;
  readonly tone?: Tone;
  /** Said after the label by screen readers, and in the tooltip: « extérieur ». */
  readonly detail?: string;
}

export interface TokenSuggestion extends TokenItem {
  /** Second line of the suggestion: the address, the function. */
  readonly secondary?: string;
}

interface Props {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly tokens: readonly TokenItem[];
  readonly onChange: (tokens: readonly TokenItem[]) => void;
  /** Reads what was typed; null when it is not a token yet, which leaves it in the field. */
  readonly parse: (text: string) => TokenItem | null;
  /** Asked 120 ms after the last key; an aborted answer is dropped. */
  readonly suggest?: (text: string, signal: AbortSignal) => Promise<readonly TokenSuggestion[]>;
  readonly error?: string | null;
  readonly placeholder?: string;
  /** Without a frame, for the lines of the composer. */
  readonly isBare?: boolean;
  readonly end?: ReactNode;
  readonly autoFocus?: boolean;
}

/**
 * Several values as chips, typed, chosen or pasted as a list. Enter, Tab, comma and semicolon commit; arrows choose a
 * suggestion; Backspace in the empty field goes to the last chip, Backspace or Delete on a chip removes it.
 */
export function TokenField(props: Props) {
  const { label, hideLabel, tokens, onChange, parse, suggest, error, placeholder, isBare, end, autoFocus } = props;
  const t = useUiText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [answered, setFound] = useState<readonly TokenSuggestion[]>([]);
  const [active, setActive] = useState(0);
  const [said, say] = useState("");
  // An answer may be to the first letters of what stands here now: only what still fits is offered.
  const found = answered.filter((item) => fits(item, text));
  const open = found.length > 0;

  useEffect(() => {
    const query = text.trim();
    if (!suggest || query === "") {
      setFound([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      suggest(query, abort.signal).then(
        (items) => {
          if (abort.signal.aborted) return;
          const fresh = items.filter((item) => !tokens.some((token) => token.id === item.id));
          setFound(fresh);
          setActive(0);
          say(fresh.length > 0 ? t.suggestionCount(fresh.length) : t.noSuggestion);
        },
        () => setFound([]),
      );
    }, 120);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, suggest, tokens, t]);

  const add = (items: readonly TokenItem[]) => {
    const fresh = items.filter(
      (item, at) =>
        !tokens.some((token) => token.id === item.id) && items.findIndex((other) => other.id === item.id) === at,
    );
    if (fresh.length > 0) onChange([...tokens, ...fresh]);
    say(fresh.map((item) => t.added(item.label)).join(", "));
    setFound([]);
  };

  const remove = (at: number) => {
    const gone = tokens[at];
    onChange(tokens.filter((_, other) => other !== at));
    if (gone) say(t.removed(gone.label));
    input.current?.focus();
  };

  /** Commits what is typed; what cannot be read stays in the field. */
  const commit = (typed: string): boolean => {
    const read: TokenItem[] = [];
    const left: string[] = [];
    for (const part of splitTokens(typed)) {
      const item = parse(part);
      if (item) read.push(item);
      else left.push(part);
    }
    add(read);
    setText(left.join(", "));
    return left.length === 0;
  };

  const choose = (item: TokenSuggestion) => {
    add([{ id: item.id, label: item.label, tone: item.tone, detail: item.detail }]);
    setText("");
    input.current?.focus();
  };

  const chips = () => [...(box.current?.querySelectorAll<HTMLElement>("[data-token]") ?? [])];

  const onInputKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const caretAtStart = input.current?.selectionStart === 0 && input.current.selectionEnd === 0;
    if (event.key === "ArrowDown" && open) {
      event.preventDefault();
      setActive((active + 1) % found.length);
    } else if (event.key === "ArrowUp" && open) {
      event.preventDefault();
      setActive((active - 1 + found.length) % found.length);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setFound([]);
    } else if ((event.key === "Enter" || event.key === "Tab") && text.trim() !== "") {
      const item = found[active];
      // Tab always leaves when nothing can be added: the keyboard must not be caught here.
      if (item && !text.includes("@")) {
        event.preventDefault();
        choose(item);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (item) choose(item);
        else commit(text);
      } else commit(text);
    } else if ((event.key === "," || event.key === ";") && text.trim() !== "" && !text.includes('"')) {
      event.preventDefault();
      commit(text);
    } else if ((event.key === "Backspace" || event.key === "ArrowLeft") && caretAtStart && tokens.length > 0) {
      event.preventDefault();
      chips().at(-1)?.focus();
    }
  };

  const onChipKey = (event: KeyboardEvent, at: number) => {
    if (event.key === "Backspace" || event.key === "Delete") {
      event.preventDefault();
      remove(at);
    } else if (event.key === "ArrowLeft") chips()[Math.max(0, at - 1)]?.focus();
    else if (event.key === "ArrowRight") (chips()[at + 1] ?? input.current)?.focus();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) input.current?.focus();
  };

  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData("text/plain");
    if (!/[,;\n\t]/.test(pasted) && !parse(pasted.trim())) return;
    event.preventDefault();
    commit(text + pasted);
  };

  return (
    <div className="field" style={{ position: "relative" }}>
      <label htmlFor={id} className={cx(hideLabel && "vh")}>
        {label}
      </label>
      {/* biome-ignore lint/a11y: pressing the empty part of the frame is a convenience; the input is reached by keyboard */}
      <div
        ref={box}
        className={cx("input", "tokens", isBare && "bare")}
        aria-invalid={error ? true : undefined}
        onClick={(event) => event.target === box.current && input.current?.focus()}
      >
        {tokens.map((token, at) => (
          <button
            key={token.id}
            type="button"
            data-token
            tabIndex={-1}
            className={cx("chip", token.tone && token.tone !== "plain" && token.tone)}
            title={token.detail ? `${token.id} · ${token.detail}` : token.id}
            aria-label={`${t.remove(token.label)}${token.detail ? `, ${token.detail}` : ""}`}
            onKeyDown={(event) => onChipKey(event, at)}
            onClick={(event) => event.detail > 0 && (event.target as Element).closest("[data-remove]") && remove(at)}
          >
            <span className="clip">{token.label}</span>
            <span data-remove>
              <Icon of={X} size="sm" />
            </span>
          </button>
        ))}
        <input
          ref={input}
          id={id}
          // biome-ignore lint/a11y/noAutofocus: the composer opens on its recipients
          autoFocus={autoFocus}
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open ? `${id}-${active}` : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          aria-invalid={error ? true : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={tokens.length === 0 ? placeholder : undefined}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onInputKey}
          onPaste={onPaste}
          onBlur={() => {
            if (text.trim() !== "") commit(text);
            setFound([]);
          }}
        />
        {end}
      </div>
      {error && (
        <span className="err" id={`${id}-error`}>
          <Icon of={CircleAlert} size="sm" />
          <span>{error}</span>
        </span>
      )}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t.suggestions}
        className={cx("list-pop", "token-pop")}
        style={{ top: "100%" }}
        hidden={!open}
      >
        {found.map((item, at) => (
          <div
            key={item.id}
            id={`${id}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            className={cx("opt", at === active && "active")}
            onPointerDown={(event) => {
              event.preventDefault();
              choose(item);
            }}
            onPointerMove={() => setActive(at)}
          >
            <Avatar name={item.label} seed={item.id} size="sm" />
            <span className="grow">
              <span className="clip" style={{ display: "block" }}>
                {item.label}
              </span>
              {item.secondary && (
                <span className="small muted clip" style={{ display: "block" }}>
                  {item.secondary}
                </span>
              )}
            </span>
          </div>
        ))}
      </div>
      <span className="vh" role="status">
        {said}
      </span>
    </div>
  );
}
