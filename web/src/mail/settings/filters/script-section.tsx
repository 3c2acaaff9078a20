import type { SieveScript } from "@bouquet/contract/jmap-filters.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileCode } from "lucide-react";
import { useRef, useState } from "react";
import { useMailSettingsText } from "../../../i18n/mail-settings.ts";
import { useUiText } from "../../../i18n/ui.ts";
import { Button } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/dialog.tsx";
import { Note } from "../../../ui/feedback.tsx";
import { toast } from "../../../ui/toast.tsx";
import { keys } from "../../jmap/account-cache.ts";
import { type MailAccount, useJmap } from "../../jmap/accounts.ts";
import { call, JmapError } from "../../jmap/client.ts";
import { noRules, useFilterErrorText } from "../filters-query.ts";
import { Reading } from "../section-parts.tsx";
import { checkScript, readFaults, type ScriptFault, saveScript, useScripts, useScriptText } from "./scripts.ts";

/** The script that a person wrote: shown as it is, edited with its errors beside it, or left for rules. */
export function ScriptSection({
  account,
  name,
  isReadOnly,
}: {
  account: MailAccount;
  name: string;
  isReadOnly: boolean;
}) {
  const { filters: t } = useMailSettingsText();
  const { data: scripts } = useScripts(account.id);
  const script = scripts?.find((each) => each.isActive);
  const text = useScriptText(account.id, script);
  return (
    <>
      <Note tone="info" icon={FileCode}>
        <p className="strong">{t.scriptTitle}</p>
        <p>{t.scriptText(name)}</p>
      </Note>
      <Reading query={text}>
        {(content) =>
          script && (
            <ScriptText
              key={script.blobId}
              isReadOnly={isReadOnly}
              account={account}
              script={script}
              content={content}
            />
          )
        }
      </Reading>
    </>
  );
}

interface TextProps {
  readonly account: MailAccount;
  readonly script: SieveScript;
  readonly content: string;
  readonly isReadOnly: boolean;
}

function ScriptText({ account, script, content, isReadOnly }: TextProps) {
  const text = useMailSettingsText();
  const t = text.filters;
  const ui = useUiText();
  const jmap = useJmap();
  const queries = useQueryClient();
  const explain = useFilterErrorText();
  const area = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [faults, setFaults] = useState<readonly ScriptFault[] | null>(null);
  const [asking, setAsking] = useState(false);
  const accountId = account.id;
  const reread = () => queries.invalidateQueries({ queryKey: keys.filters(accountId) });
  const wrong = (error: unknown) => {
    if (error instanceof JmapError && error.type === "invalidSieve") setFaults(readFaults(error.message));
  };
  const check = useMutation({
    mutationFn: () => checkScript(jmap, accountId, typed ?? content),
    onSuccess: setFaults,
  });
  const save = useMutation({
    mutationFn: () => saveScript(jmap, accountId, script.id, typed ?? content),
    onSuccess: () => {
      setTyped(null);
      toast(t.scriptSaved);
      return reread();
    },
    onError: wrong,
  });
  const startRules = useMutation({
    mutationFn: async () => {
      const { error } = await call("FilterRules/set", { accountId, rules: noRules, replacesScript: true });
      if (error) throw new JmapError(error);
    },
    onSettled: () => {
      setAsking(false);
      return reread();
    },
  });
  const problem = [check.error, save.error, startRules.error].find(
    (error) => error && !(error instanceof JmapError && error.type === "invalidSieve"),
  );
  const goTo = (line: number) => {
    const lines = (typed ?? content).split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  };
  return (
    <div className="stack stack-3">
      {typed === null ? (
        // biome-ignore lint/a11y/useSemanticElements: no element is a text that scrolls
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
        <div className="script" role="group" aria-label={t.script} tabIndex={0}>
          <pre>
            {content.split("\n").map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text, never reordered
              <span key={at} className="script-line">
                {line}
                {"\n"}
              </span>
            ))}
          </pre>
        </div>
      ) : (
        <textarea
          ref={area}
          className="input script-edit"
          aria-label={t.script}
          aria-describedby="script-faults"
          rows={Math.min(30, Math.max(12, typed.split("\n").length + 1))}
          spellCheck={false}
          autoCapitalize="off"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setFaults(null);
          }}
        />
      )}
      <div id="script-faults" role="status">
        {faults?.length === 0 && <Note tone="ok">{t.scriptRight}</Note>}
        {faults && faults.length > 0 && (
          <Note tone="danger">
            <p className="strong">{t.scriptWrong(faults.length)}</p>
            <ul className="faults">
              {faults.map(({ line, message }) => (
                <li key={`${line} ${message}`}>
                  {line > 0 && (
                    <button type="button" className="lk" onClick={() => goTo(line)}>
                      {t.line(String(line))}
                    </button>
                  )}{" "}
                  <span lang="en">{message}</span>
                </li>
              ))}
            </ul>
          </Note>
        )}
      </div>
      {problem != null && (
        <Note tone="danger" isLive>
          {explain(problem)}
        </Note>
      )}
      <div className="row wrap-row">
        {isReadOnly ? null : typed === null ? (
          <>
            <Button onPress={() => setTyped(content)}>{t.editScript}</Button>
            <Button variant="ghost" onPress={() => setAsking(true)}>
              {t.startRules}
            </Button>
          </>
        ) : (
          <>
            <Button variant="primary" isPending={save.isPending} onPress={() => save.mutate()}>
              {text.save}
            </Button>
            <Button isPending={check.isPending} onPress={() => check.mutate()}>
              {t.check}
            </Button>
            <Button
              variant="ghost"
              onPress={() => {
                setTyped(null);
                setFaults(null);
              }}
            >
              {ui.cancel}
            </Button>
          </>
        )}
      </div>
      <Confirm
        isOpen={asking}
        onClose={() => setAsking(false)}
        title={t.startRulesTitle}
        text={t.startRulesText}
        confirm={t.startRules}
        keep={t.keepScript}
        variant="primary"
        isPending={startRules.isPending}
        onConfirm={() => startRules.mutate()}
      />
    </div>
  );
}
