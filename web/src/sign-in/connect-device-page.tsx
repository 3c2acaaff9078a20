import type { DeviceAddress, DeviceLogin } from "@bouquet/contract/identity.ts";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError, goToSignIn, request } from "../api/http.ts";
import { useSessionQuery } from "../api/session.ts";
import { useSignInText } from "../i18n/sign-in.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { UnavailablePage } from "../shell/unavailable-page.tsx";
import { Button } from "../ui/button.tsx";
import { Loading, Note, Skeleton } from "../ui/feedback.tsx";
import { AuthPage } from "./auth-page.tsx";

type Outcome = "granted" | "refused";

/**
 * Somebody lets a file program of their own in. `/connect-device/<token>`: the device waits elsewhere. `/connect-device?name=…`: the
 * device shows this page itself, and takes its password from the address to which the page goes.
 */
export function ConnectDevicePage({ token, name }: { token: string | undefined; name: string | undefined }) {
  const t = useSignInText();
  useTitle(t.deviceTitle);
  const { data: session, error, refetch, isFetching } = useSessionQuery();
  useEffect(() => {
    if (session === null) goToSignIn();
  }, [session]);
  if (error) return <UnavailablePage onRetry={() => refetch()} isRetrying={isFetching} />;
  if (!session) {
    return (
      <Frame title={t.deviceTitle}>
        <Loading>
          <Skeleton width="70%" height={18} />
        </Loading>
      </Frame>
    );
  }
  const person = session.person.displayName;
  return token === undefined ? (
    <HereAsk name={name ?? "Nextcloud"} person={person} />
  ) : (
    <WaitingAsk token={token} person={person} />
  );
}

function WaitingAsk({ token, person }: { token: string; person: string }) {
  const t = useSignInText();
  const ui = useUiText();
  const errorText = useErrorText();
  const path = `/api/device-logins/${encodeURIComponent(token)}`;
  const info = useQuery({
    queryKey: ["device-login", token],
    queryFn: () => request<DeviceLogin>(path),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const answer = useMutation({
    mutationFn: async (outcome: Outcome) => {
      await request<void>(path, { method: outcome === "granted" ? "POST" : "DELETE" });
      return outcome;
    },
  });
  const isOver = (error: unknown) => error instanceof ApiError && (error.code === "gone" || error.code === "not_found");
  if (answer.data) return <Done outcome={answer.data} />;
  if (isOver(info.error) || isOver(answer.error)) {
    return (
      <Frame title={t.deviceOverTitle}>
        <p>{t.deviceOver}</p>
      </Frame>
    );
  }
  if (!info.data) {
    return (
      <Frame title={t.deviceTitle}>
        {info.error ? (
          <Note tone="warn" isLive>
            <p>{errorText(info.error)}</p>
            <button type="button" className="lk" onClick={() => void info.refetch()}>
              {ui.retry}
            </button>
          </Note>
        ) : (
          <Loading>
            <Skeleton width="70%" height={18} />
          </Loading>
        )}
      </Frame>
    );
  }
  return (
    <Question
      name={info.data.deviceName}
      person={person}
      pending={answer.isPending ? answer.variables : undefined}
      error={answer.error}
      onAnswer={(outcome) => answer.mutate(outcome)}
    />
  );
}

function HereAsk({ name, person }: { name: string; person: string }) {
  const [refused, setRefused] = useState(false);
  const grant = useMutation({
    mutationFn: () => request<DeviceAddress>("/api/devices", { method: "POST", body: { name } }),
    onSuccess: ({ address }) => window.location.assign(address),
  });
  if (refused || grant.isSuccess) return <Done outcome={refused ? "refused" : "granted"} />;
  return (
    <Question
      name={name}
      person={person}
      pending={grant.isPending ? "granted" : undefined}
      error={grant.error}
      onAnswer={(outcome) => (outcome === "granted" ? grant.mutate() : setRefused(true))}
    />
  );
}

function Question(props: {
  readonly name: string;
  readonly person: string;
  readonly pending: Outcome | undefined;
  readonly error: unknown;
  readonly onAnswer: (outcome: Outcome) => void;
}) {
  const t = useSignInText();
  const errorText = useErrorText();
  const { name, person, pending, error, onAnswer } = props;
  return (
    <Frame title={t.deviceQuestion(name)}>
      <div className="stack stack-5">
        <p>{t.deviceWhat(person)}</p>
        <Note tone="warn">{t.deviceCare}</Note>
        {error != null && (
          <Note tone="danger" isLive>
            {errorText(error)}
          </Note>
        )}
        <div className="stack">
          <Button
            variant="primary"
            size="lg"
            block
            isPending={pending === "granted"}
            isDisabled={pending === "refused"}
            onPress={() => onAnswer("granted")}
          >
            {t.deviceGrant}
          </Button>
          <Button
            size="lg"
            block
            isPending={pending === "refused"}
            isDisabled={pending === "granted"}
            onPress={() => onAnswer("refused")}
          >
            {t.deviceRefuse}
          </Button>
        </div>
      </div>
    </Frame>
  );
}

function Done({ outcome }: { outcome: Outcome }) {
  const t = useSignInText();
  return (
    <Frame title={outcome === "granted" ? t.deviceGrantedTitle : t.deviceRefusedTitle}>
      <p role="status">{outcome === "granted" ? t.deviceGranted : t.deviceRefused}</p>
    </Frame>
  );
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <AuthPage>
      <h1>{title}</h1>
      {children}
    </AuthPage>
  );
}
