import { longDate } from "../../../domain/mail/long-date.ts";
import type { HeldMessage } from "../../../domain/mail/moderation/held-message.ts";
import { escapeHtml } from "../../shared/escape-html.ts";
import type { ServiceSettings } from "../../shared/service-settings.ts";

type PageSettings = Pick<ServiceSettings, "origins" | "operator" | "support">;

/** The page of a moderator's link, without scripts: the message, and a form to accept or refuse it. */
export function moderationPage(settings: PageSettings, held: HeldMessage, messagePath: string): string {
  const until = longDate(held.returnAt, "Europe/Paris");
  return page(
    settings,
    "Message à modérer",
    `<p>Ce message attend d’être remis au groupe <strong>${escapeHtml(held.groupName)}</strong> (${escapeHtml(held.address)}).</p>
<p lang="en"><small>This message waits for your decision before the group gets it.</small></p>
<dl><dt>De</dt><dd>${escapeHtml(held.author)}</dd>
<dt>Objet</dt><dd>${escapeHtml(held.subject) || "(sans objet)"}</dd></dl>
${held.preview === "" ? "" : `<blockquote>${escapeHtml(held.preview)}</blockquote>`}
<p><a href="${escapeHtml(messagePath)}">Télécharger le message entier, pièces jointes comprises</a></p>
<p><small>Sans réponse, il sera retourné à son auteur le ${escapeHtml(until)}.</small></p>
<form method="post">
<label for="reason">Motif du refus, envoyé à l’auteur (facultatif) <span lang="en">· Reason, if you refuse</span></label>
<textarea id="reason" name="reason" rows="3" maxlength="1000"></textarea>
<p><button name="verdict" value="accept">Accepter</button>
<button class="quiet" name="verdict" value="refuse">Refuser</button></p>
</form>`,
  );
}

const results = {
  accept: ["Message accepté", "Le message est remis au groupe.", "The group has the message."],
  refuse: ["Message refusé", "Son auteur en est averti, si son adresse est sûre.", "Its author is told."],
  over: [
    "Ce lien ne sert plus",
    "Un modérateur a déjà répondu, ou le message a été retourné à son auteur.",
    "A moderator has answered already, or the message was returned to its author.",
  ],
} as const;

export function moderationResultPage(settings: PageSettings, result: keyof typeof results): string {
  const [title, text, english] = results[result];
  return page(settings, title, `<p>${text}</p><p lang="en"><small>${english}</small></p>`);
}

function page(settings: PageSettings, title: string, content: string): string {
  const { phone, email } = settings.support;
  const contact = [phone, email].filter((each) => each !== undefined).map(escapeHtml);
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f2eee4;color:#1d241f;font:16px/1.6 "Atkinson Hyperlegible Next",system-ui,sans-serif}
main{box-sizing:border-box;width:min(36rem,100% - 2rem);margin:1rem;padding:2rem;background:#fffefb;border-radius:16px;border:1px solid #ded8c8;overflow-wrap:anywhere}
h1{font-size:1.375rem;line-height:1.3;margin:0 0 .5rem}p{margin:.5rem 0}small{color:#565d54}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1rem 0}dt{color:#565d54}dd{margin:0}
blockquote{margin:1rem 0;padding:.5rem 1rem;border-left:3px solid #ded8c8}
label{display:block;margin-top:1rem}textarea{box-sizing:border-box;width:100%;padding:.5rem;border:1px solid #8a8f83;border-radius:8px;background:transparent;color:inherit;font:inherit}
button{min-height:2.75rem;padding:.5rem 1.25rem;border:1px solid #1e5b42;border-radius:8px;background:#1e5b42;color:#fff;font:inherit;cursor:pointer}
a{color:inherit}
button.quiet{background:transparent;color:inherit}
:focus-visible{outline:3px solid #b25600;outline-offset:2px}
@media (prefers-color-scheme:dark){body{background:#111512;color:#eceae1}main{background:#1d231e;border-color:#39423a}small,dt{color:#a9b0a5}blockquote{border-color:#39423a}button{background:#8ccba4;border-color:#8ccba4;color:#0c2116}}
</style></head>
<body><main>
<h1>${title}</h1>
${content}
${contact.length > 0 ? `<p><small>Assistance&nbsp;: ${contact.join(" · ")}</small></p>` : ""}
</main></body></html>
`;
}
