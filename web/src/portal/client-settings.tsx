import type { ClientSettings, MailEndpoint } from "@bouquet/contract/identity.ts";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
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
  // The best choice of each; what few people need comes last.
  const servers = [
    [t.incoming, data.imap[0]],
    [t.outgoing, data.smtp[0]],
    [t.incomingPop3, data.pop3[0]],
    [t.filterServer, data.sieve[0]],
  ] as const;
  return (
    <dl className="facts">
      <dt>{t.userName}</dt>
      <dd>{data.userName}</dd>
      {servers.map(
        ([name, endpoint]) =>
          endpoint && (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{line(endpoint)}</dd>
            </Fragment>
          ),
      )}
      {data.davUrl && (
        <>
          <dt>{t.davAddress}</dt>
          <dd>{data.davUrl}</dd>
        </>
      )}
    </dl>
  );
}
