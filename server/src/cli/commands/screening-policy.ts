import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { readPolicy, type ScreeningPolicy, setPolicy } from "../../domain/mail/screening/screening-policy.ts";
import { type Command, required, UsageError } from "../command.ts";

export const screeningPolicyCommand: Command = {
  usage: ["screening-policy --organization commune.fr [nom=valeur…]"],
  what: "Montre ou change ce qu’une collectivité fait du courrier reçu (virus=refuse, dmarcReject=junk, trustedSealers=a.fr,b.fr…).",
  options: { organization: { type: "string" } },
  async run({ domain, print }, assignments, options) {
    const { id } = await findOrganization(domain.store.read, required(options.organization, "--organization"));
    const current = await readPolicy(domain.store.read, id);
    const changes = Object.fromEntries(assignments.map((each) => parseAssignment(current, each)));
    const policy = assignments.length === 0 ? current : await setPolicy(domain.store, id, changes);
    for (const [name, value] of Object.entries(policy)) {
      print(`${name}=${Array.isArray(value) ? value.join(",") : String(value)}`);
    }
  },
};

function parseAssignment(policy: ScreeningPolicy, text: string): [name: string, value: unknown] {
  const [name = "", value] = text.split(/=(.*)/s);
  if (!Object.hasOwn(policy, name) || value === undefined) {
    throw new UsageError(`Un réglage s’écrit nom=valeur ; les noms sont ${Object.keys(policy).join(", ")}.`);
  }
  switch (typeof policy[name as keyof ScreeningPolicy]) {
    case "boolean":
      if (!/^(oui|non|yes|no)$/.test(value)) throw new UsageError(`${name} est oui ou non.`);
      return [name, value === "oui" || value === "yes"];
    case "number":
      return [name, value.trim() === "" ? Number.NaN : Number(value)];
    case "object":
      return [name, value.split(",").flatMap((each) => each.trim() || [])];
    default:
      return [name, value];
  }
}
