import { escapeHtml } from "../shared/escape-html.ts";
import type { ServiceSettings } from "../shared/service-settings.ts";

/**
 * A page without scripts for a sign-in between services that failed, in both languages because nobody is signed in. It links
 * to the portal rather than trying again by itself: a browser that keeps no cookies would go round for ever.
 * @param problem `detail` is a code for support, such as `access_denied`; `unavailable` and `server_error` are our own fault
 */
export function problemPage(
  settings: Pick<ServiceSettings, "origins" | "operator" | "support">,
  problem: { detail: string },
): string {
  const { phone, email } = settings.support;
  const ours = problem.detail === "unavailable" || problem.detail === "server_error";
  const contact = [phone, email].filter((each) => each !== undefined).map(escapeHtml);
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Connexion interrompue</title>
<style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f2eee4;color:#1d241f;font:16px/1.6 "Atkinson Hyperlegible Next",system-ui,sans-serif}
main{max-width:32rem;margin:1rem;padding:2rem;background:#fffefb;border-radius:16px;border:1px solid #ded8c8}
h1{font-size:1.375rem;line-height:1.3;margin:0 0 .5rem}p{margin:.5rem 0}small{color:#565d54}
a{display:inline-block;margin-top:1rem;padding:.5rem 1rem;border-radius:8px;background:#1e5b42;color:#fff;text-decoration:none}
a:focus-visible{outline:3px solid #b25600;outline-offset:2px}
@media (prefers-color-scheme:dark){body{background:#111512;color:#eceae1}main{background:#1d231e;border-color:#39423a}small{color:#a9b0a5}a{background:#8ccba4;color:#0c2116}}
</style></head>
<body><main>
<h1>La connexion n’a pas abouti.</h1>
<p>${ours ? "Le service ne répond pas pour le moment. Recommencez dans quelques minutes." : "Elle a peut-être attendu trop longtemps. Recommencez depuis le portail."}</p>
<p lang="en"><small>${ours ? "The service does not answer for the moment. Try again in a few minutes." : "Signing in did not succeed. Start again from the portal."}</small></p>
${contact.length > 0 ? `<p>Assistance&nbsp;: ${contact.join(" · ")}</p>` : ""}
<a href="${escapeHtml(settings.origins.portal)}/">Ouvrir le portail</a>
<p><small>${escapeHtml(problem.detail.slice(0, 80))}</small></p>
</main></body></html>
`;
}
