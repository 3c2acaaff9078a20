import type { ClientSettings, MailEndpoint } from "@bouquet/contract/identity.ts";
import { useQuery } from "@tanstack/react-query";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useUiText } from "../i18n/ui.ts";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";

const securityNames = { tls: "SSL/TLS", starttls: "STARTTLS" } as const;

/** What to type into Thunderbird, a phone or a file client. */
export function ClientSettingsFacts() {
  const t = usePortalText();
  const ui = useUiText();
  const errorText = useErrorText();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["client-settings"],
    queryFn: () => request<ClientSettings>("/api/client-settings"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (isPending) return <SkeletonRows count={2} />;
  if (error) {
    return (
      <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
        {errorText(error)}
      </Banner>
    );
  }
  const line = (endpoint: MailEndpoint) =>
    t.server(endpoint.host, String(endpoint.port), securityNames[endpoint.security]);
  const first = <T,>(list: readonly T[]) => list.slice(0, 1);
  return (
    <dl className="facts">
      <dt>{t.userName}</dt>
      <dd>{data.userName}</dd>
      {first(data.imap).map((endpoint) => [
        <dt key="imap">{t.incoming}</dt>,
        <dd key="imap-value">{line(endpoint)}</dd>,
      ])}
      {first(data.smtp).map((endpoint) => [
        <dt key="smtp">{t.outgoing}</dt>,
        <dd key="smtp-value">{line(endpoint)}</dd>,
      ])}
      {data.davUrl && (
        <>
          <dt>{t.davAddress}</dt>
          <dd>{data.davUrl}</dd>
        </>
      )}
    </dl>
  );
}
