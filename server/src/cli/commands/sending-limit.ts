import { findOrganization, findPerson } from "../../domain/identity/find-in-directory.ts";
import { readSendingRates, type SendingRates } from "../../domain/mail/limits/sending-rates.ts";
import { setSendingLimit } from "../../domain/mail/limits/set-sending-limit.ts";
import { type Command, required, UsageError } from "../command.ts";

const options = {
  "messages-per-hour": "messagesPerHour",
  "messages-per-day": "messagesPerDay",
  "recipients-per-hour": "recipientsPerHour",
  "recipients-per-day": "recipientsPerDay",
} as const satisfies Record<string, keyof SendingRates>;

export const sendingLimitCommand: Command = {
  usage: [
    "sending-limit prenom.nom@commune.fr [--messages-per-hour n] [--messages-per-day n] " +
      "[--recipients-per-hour n] [--recipients-per-day n] [--default]",
    "sending-limit commune.fr [--each-person] [--messages-per-hour n] [--messages-per-day n] " +
      "[--recipients-per-hour n] [--recipients-per-day n] [--default]",
  ],
  what: "Montre ou change ce qu’une personne, chaque personne d’un domaine ou toute une organisation peut envoyer ; 0 : sans limite.",
  options: {
    "each-person": { type: "boolean" },
    default: { type: "boolean" },
    ...Object.fromEntries(Object.keys(options).map((name) => [name, { type: "string" as const }])),
  },
  async run({ domain, config, print }, [whom], given) {
    const rates: { -readonly [Name in keyof SendingRates]?: number } = {};
    for (const [option, name] of Object.entries(options)) {
      const text = given[option];
      if (text === undefined) continue;
      if (typeof text !== "string" || !/^\d{1,9}$/.test(text)) throw new UsageError(`--${option} est un nombre.`);
      rates[name] = Number(text);
    }
    const isChange = given.default === true || Object.keys(rates).length > 0;
    const { read } = domain.store;
    const name = required(whom, "l’adresse ou le domaine");
    const show = ({ messagesPerHour, messagesPerDay, recipientsPerHour, recipientsPerDay }: SendingRates) =>
      print(
        `Messages ${messagesPerHour}/h, ${messagesPerDay}/j ; destinataires ${recipientsPerHour}/h, ${recipientsPerDay}/j.`,
      );
    if (name.includes("@")) {
      const person = await findPerson(read, name);
      const scope = { kind: "person", principalId: person.principalId } as const;
      if (isChange) await setSendingLimit(domain.store, person.organizationId, scope, rates);
      return show((await readSendingRates(read, config.mail.sendingLimits, person)).person);
    }
    const { id } = await findOrganization(read, name);
    const kind = given["each-person"] === true ? "each_person" : "organization";
    if (isChange) await setSendingLimit(domain.store, id, { kind }, rates);
    const nobody = { organizationId: id, principalId: "00000000-0000-0000-0000-000000000000" };
    const found = await readSendingRates(read, config.mail.sendingLimits, nobody);
    show(kind === "each_person" ? found.person : found.organization);
  },
};
