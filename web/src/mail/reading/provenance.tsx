import type { Id } from "@bouquet/contract/jmap.ts";
import { useQuery } from "@tanstack/react-query";
import { Globe, ShieldAlert, ShieldCheck } from "lucide-react";
import { useMailText } from "../../i18n/mail.ts";
import { Note } from "../../ui/feedback.tsx";
import { Chip } from "../../ui/marks.tsx";
import { call } from "../jmap/client.ts";
import { domainOf, useOwnAddresses } from "../use-own-addresses.ts";
import type { EmailBody } from "./body.ts";
import { readVerdict } from "./verdict.ts";

type Origin = "inside" | "known" | "first";

/** Where an address belongs: the directory of the organization, whom the person wrote to, or nowhere yet. */
function useOrigin(accountId: Id, address: string): Origin | undefined {
  const own = useOwnAddresses();
  const isNear = [...own].some((each) => domainOf(each) === domainOf(address));
  const { data } = useQuery({
    queryKey: ["jmap", accountId, "origin", address],
    enabled: !isNear && address !== "",
    staleTime: 300_000,
    queryFn: async (): Promise<Origin> => {
      const { list } = await call("Recipient/query", { accountId, filter: { text: address } });
      const found = list.find((recipient) => recipient.email.toLowerCase() === address);
      return !found ? "first" : found.kind === "correspondent" ? "known" : "inside";
    },
  });
  return isNear ? "inside" : data;
}

/** Whether a message comes from outside: a sentence for first contacts and doubtful senders, a chip otherwise. */
export function Provenance({ accountId, body, as }: { accountId: Id; body: EmailBody; as: "note" | "chip" }) {
  const t = useMailText();
  const address = body.from?.[0]?.email.toLowerCase() ?? "";
  const origin = useOrigin(accountId, address);
  const verdict = readVerdict(body["header:Authentication-Results:asText:all"] ?? []);
  const isDoubtful = verdict === "fail";
  const isFull = isDoubtful || origin === "first";
  if (address === "" || (origin !== "first" && origin !== "known" && !isDoubtful)) return null;
  if (as === "chip") {
    if (isFull) return null;
    return (
      <span title={verdict === "pass" ? t.externalVerified : t.externalUnknown}>
        <Chip tone="info" icon={Globe}>
          {t.externalChip}
        </Chip>
      </span>
    );
  }
  if (!isFull) return null;
  const domain = domainOf(address);
  return (
    <Note
      tone={isDoubtful ? "warn" : "info"}
      icon={isDoubtful ? ShieldAlert : verdict === "pass" ? ShieldCheck : Globe}
    >
      <span className="small">{isDoubtful ? t.externalDoubtful(domain) : t.externalFirst(domain)}</span>
    </Note>
  );
}
