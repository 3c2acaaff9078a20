import type { ForwardState, MailForward } from "@bouquet/contract/mail-forward.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Globe } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { ApiError, request } from "../../api/http.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { Checkbox, Switch } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import { TokenField, type TokenItem } from "../../ui/token-field.tsx";
import { parseAddress } from "../composer/parse-address.ts";
import type { MailAccount } from "../jmap/accounts.ts";
import { domainOf } from "../use-own-addresses.ts";
import { useFilters, useSaveFilters } from "./filters-query.ts";
import { forwardKey, forwardPath, useForward } from "./forward-query.ts";
import { Reading, SectionHead } from "./section-parts.tsx";

const mostAddresses = 10;

/** Where a mailbox sends its mail on to. */
export function ForwardSection({ account }: { account: MailAccount }) {
  const t = useMailSettingsText();
  const query = useForward(account.id);
  return (
    <section aria-labelledby="mset-title">
      <SectionHead title={t.sections.forward} lead={t.forward.lead} />
      <Reading query={query}>
        {(state) => (
          <>
            <ForwardForm key={JSON.stringify(state.forward)} account={account} state={state} />
            <OfRules account={account} />
          </>
        )}
      </Reading>
    </section>
  );
}

function ForwardForm({ account, state }: { account: MailAccount; state: ForwardState }) {
  const t = useMailSettingsText();
  const f = t.forward;
  const errorText = useErrorText();
  const queries = useQueryClient();
  const [isOn, setOn] = useState(state.forward !== null);
  const [addresses, setAddresses] = useState<readonly string[]>(state.forward?.addresses ?? []);
  const [keepsCopy, setKeepsCopy] = useState(state.forward?.keepsCopy ?? true);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: (forward: MailForward | null) =>
      request<ForwardState>(forwardPath, { method: "PUT", body: { accountId: account.id, forward } }),
    onSuccess: (now) => {
      queries.setQueryData(forwardKey(account.id), now);
      toast(now.forward ? f.started(now.forward.addresses.join(", ")) : f.stopped);
    },
  });
  const isOutside = (address: string) => !state.domains.includes(domainOf(address));
  const outside = [...new Set(addresses.filter(isOutside).map(domainOf))];
  const mistake = addresses.length === 0 ? f.needAddress : addresses.length > mostAddresses ? f.tooMany : null;
  const isSame =
    isOn === (state.forward !== null) &&
    (!isOn || JSON.stringify(state.forward) === JSON.stringify({ addresses, keepsCopy }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isOn && mistake) return;
    save.mutate(isOn ? { addresses: [...addresses], keepsCopy } : null);
  };
  if (!state.mayChange) return <Note>{t.noRight}</Note>;
  return (
    <form className="mset-form" onSubmit={submit} noValidate>
      <Switch isSelected={isOn} onChange={setOn}>
        {f.on}
      </Switch>
      {isOn && (
        <>
          <TokenField
            label={f.addresses}
            tokens={addresses.map(
              (address): TokenItem => ({
                id: address,
                label: address,
                ...(isOutside(address) && { tone: "warn" as const }),
              }),
            )}
            onChange={(tokens) => setAddresses(tokens.map((token) => token.id))}
            parse={(text) => {
              const email = parseAddress(text)?.email.toLowerCase();
              return email ? { id: email, label: email } : null;
            }}
            error={tried ? mistake : null}
          />
          {outside.length > 0 && (
            <Note tone="warn" icon={Globe} isLive>
              {outside.length > 1 ? f.outsideMany(outside.join(", ")) : f.outside(outside.join(", "))}
            </Note>
          )}
          <Checkbox isSelected={keepsCopy} onChange={setKeepsCopy} hint={keepsCopy ? undefined : f.noCopyHint}>
            {f.keepsCopy}
          </Checkbox>
        </>
      )}
      {save.error && (
        <Note tone="danger" isLive>
          {save.error instanceof ApiError && save.error.code === "bad_request" ? f.own : errorText(save.error)}
        </Note>
      )}
      <div>
        <Button variant="primary" type="submit" isPending={save.isPending} isDisabled={isSame}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}

/** A forward that stands among the filters: another program has put it there. */
function OfRules({ account }: { account: MailAccount }) {
  const { forward: f } = useMailSettingsText();
  const { data } = useFilters(account.id);
  const save = useSaveFilters(account.id);
  const ofRules = data?.rules?.forward;
  if (!ofRules) return null;
  return (
    <Note tone="info">
      <p>{f.byRules(ofRules.addresses.join(", "))}</p>
      <Button
        size="sm"
        isPending={save.isPending}
        onPress={() => save.mutate((rules) => ({ ...rules, forward: null }), { onSuccess: () => toast(f.stopped) })}
      >
        {f.endRules}
      </Button>
    </Note>
  );
}
