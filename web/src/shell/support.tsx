import { Mail, MessageCircle, Phone } from "lucide-react";
import { useOperator } from "../api/session.ts";
import { Icon } from "../ui/icon.tsx";

/** `tel:` address of a number as people write it in France: a leading 0 stands for +33. */
export function telephoneHref(phone: string): string {
  const digits = phone.replaceAll(/[^\d+]/g, "");
  return `tel:${digits.startsWith("0") ? `+33${digits.slice(1)}` : digits}`;
}

/** Every way to reach support that the operator has given, as a list. Nothing when none is known. */
export function SupportContact() {
  const { data: operator } = useOperator();
  if (!operator) return null;
  const { phone, hours, email, url } = operator.support;
  return (
    <ul className="stack stack-3">
      {phone && (
        <li className="row">
          <Icon of={Phone} />
          <span>
            <a className="strong" href={telephoneHref(phone)}>
              {phone.replaceAll(" ", "\u00a0")}
            </a>
            {hours && <span className="small muted"> {hours}</span>}
          </span>
        </li>
      )}
      {email && (
        <li className="row">
          <Icon of={Mail} />
          <a href={`mailto:${email}`}>{email}</a>
        </li>
      )}
      {url && (
        <li className="row">
          <Icon of={MessageCircle} />
          <a href={url} rel="noreferrer">
            {new URL(url).host}
          </a>
        </li>
      )}
    </ul>
  );
}
