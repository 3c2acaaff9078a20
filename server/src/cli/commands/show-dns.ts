import { listDnsRecords } from "../../domain/mail/submission/dns-records.ts";
import { type Command, required } from "../command.ts";

export const showDnsCommand: Command = {
  usage: ["show-dns commune.fr"],
  what: "Affiche les enregistrements DNS dont un domaine a besoin.",
  async run({ domain, config, print }, [name]) {
    const records = await listDnsRecords(domain.store.read, required(name, "le domaine"), {
      hostName: config.mail.heloName,
      imapsPort: config.listen.ports.imaps,
      sievePort: config.listen.ports.managesieve,
      pop3sPort: config.listen.ports.pop3s,
      submissionsPort: config.listen.ports.submissions,
      submissionPort: config.listen.ports.submission,
    });
    for (const record of records) print(`; ${record.purpose}\n${record.name} IN ${record.type} ${record.value}\n`);
  },
};
