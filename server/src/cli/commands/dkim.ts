import {
  beginDkimRotation,
  checkDkimKeys,
  type DkimKeyRecord,
  dkimRecord,
  listDkimKeys,
} from "../../domain/mail/submission/dkim-keys.ts";
import { quotedText } from "../../domain/mail/submission/dns-records.ts";
import { type Command, required, UsageError } from "../command.ts";

const states = { pending: "en attente", active: "signe", retiring: "se retire", retired: "retirée" } as const;
const results = {
  found: "publiée",
  missing: "absente du DNS",
  different: "autre clé dans le DNS",
  unreachable: "DNS sans réponse",
} as const;

export const dkimCommand: Command = {
  usage: ["dkim list [commune.fr]", "dkim rotate commune.fr", "dkim check commune.fr"],
  what: "Montre les clés DKIM, en fait de nouvelles, ou vérifie dans le DNS celles d’un domaine.",
  async run({ domain, print, resolver }, [action, name]) {
    const show = (keys: readonly DkimKeyRecord[]): void => {
      for (const key of keys) {
        const checked = key.checkResult ? ` (${results[key.checkResult]}, ${key.checkedAt!.toISOString()})` : "";
        print(`${key.selector}._domainkey.${key.domain}  ${key.algorithm}  ${states[key.state]}${checked}`);
      }
    };
    if (action === "list")
      return show(await listDkimKeys(domain.store.read, name === undefined ? {} : { domain: name }));
    if (action === "check") {
      return show(await checkDkimKeys({ ...domain, resolver }, required(name, "le domaine")));
    }
    if (action !== "rotate") throw new UsageError("L’action est list, rotate ou check.");
    const selectors = await beginDkimRotation(domain, required(name, "le domaine"));
    print("À publier ; les nouvelles clés signeront dès qu’elles y seront vues :");
    for (const key of await listDkimKeys(domain.store.read, { domain: name! })) {
      if (!selectors.includes(key.selector)) continue;
      print(`${key.selector}._domainkey.${key.domain}. IN TXT ${quotedText(dkimRecord(key))}`);
    }
  },
};
