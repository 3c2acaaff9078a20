import MailComposer from "nodemailer/lib/mail-composer/index.js";
import { council, helene, marc, nadia, sharedMailbox, sylvie, thierry } from "./people.ts";
import { simplePdf } from "./simple-pdf.ts";

export interface DemoMessage {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Hours before the first start. */
  readonly hoursAgo: number;
  readonly id: string;
  readonly inReplyTo?: string;
  readonly attachments?: readonly {
    readonly filename: string;
    readonly content: Buffer;
    readonly contentType: string;
  }[];
}

const geometer = { name: "Agathe Levallois", address: "agathe@levallois-geometre.example" };
const resident = { name: "Colette Vautier", address: "colette.vautier@poste.example" };
const association = { name: "Comité des fêtes", address: "contact@comite-fetes.example" };
const prefecture = { name: "Préfecture – contrôle de légalité", address: "legalite@prefecture.example" };
const person = (who: { displayName: string; address: string }) => ({ name: who.displayName, address: who.address });

export const messages: readonly DemoMessage[] = [
  {
    id: "bornage-1",
    from: geometer,
    to: [sharedMailbox.address],
    subject: "Bornage chemin des Ormes",
    hoursAgo: 74,
    text: "Bonjour,\n\nVoici le premier plan de bornage du chemin des Ormes. Pouvez-vous vérifier la parcelle 214 ?\n\nBien cordialement,\nAgathe Levallois\nGéomètre-expert",
    attachments: [
      {
        filename: "Plan de bornage v2.pdf",
        contentType: "application/pdf",
        content: simplePdf("Plan de bornage, version 2", ["Chemin des Ormes, section B"]),
      },
    ],
  },
  {
    id: "bornage-2",
    inReplyTo: "bornage-1",
    from: person(nadia),
    to: [geometer.address],
    cc: [sharedMailbox.address],
    subject: "Re: Bornage chemin des Ormes",
    hoursAgo: 50,
    text: "Bonjour Madame,\n\nIl manque la parcelle 214 sur la limite nord. Monsieur Hamel peut vous recevoir sur place.\n\nNadia Benali\nMairie de Bourg-Fleuri",
  },
  {
    id: "bornage-3",
    inReplyTo: "bornage-2",
    from: geometer,
    to: [sharedMailbox.address],
    cc: [thierry.address],
    subject: "Re: Bornage chemin des Ormes : plan corrigé",
    hoursAgo: 2,
    text: "Bonjour Madame Benali,\n\nVous trouverez ci-joint le plan corrigé : la parcelle 214 y figure désormais, avec la haie en limite nord. Je vous propose de nous retrouver sur place mardi pour poser les bornes, en présence de M. Hamel.\n\nBien cordialement,\nAgathe Levallois",
    attachments: [
      {
        filename: "Plan de bornage v3.pdf",
        contentType: "application/pdf",
        content: simplePdf("Plan de bornage, version 3", ["Chemin des Ormes, section B, parcelle 214"]),
      },
    ],
  },
  {
    id: "lampadaire",
    from: resident,
    to: [sharedMailbox.address],
    subject: "Lampadaire en panne rue du Lavoir",
    hoursAgo: 3,
    text: "Bonjour,\n\nDepuis samedi soir, le lampadaire devant le 12 rue du Lavoir ne s’allume plus. Le trottoir est très sombre à la sortie de l’école.\n\nMerci de votre aide,\nColette Vautier",
  },
  {
    id: "ordre-du-jour",
    from: person(marc),
    to: [helene.address],
    cc: [sylvie.address],
    subject: "Ordre du jour du conseil du 1er décembre",
    hoursAgo: 4,
    text: "Hélène,\n\nJ’ai ajouté le point sur la cantine. Pouvez-vous relire l’ordre du jour avant l’envoi des convocations ?\n\nMarc",
  },
  {
    id: "ordre-du-jour-2",
    inReplyTo: "ordre-du-jour",
    from: person(sylvie),
    to: [helene.address, marc.address],
    subject: "Re: Ordre du jour du conseil du 1er décembre",
    hoursAgo: 3.5,
    text: "Bonjour à tous les deux,\n\nLes effectifs de novembre sont dans le dossier Cantine.\n\nSylvie",
  },
  {
    id: "salle",
    from: association,
    to: [sharedMailbox.address, helene.address],
    subject: "Réservation de la salle des fêtes, 12 décembre",
    hoursAgo: 26,
    text: "Bonjour,\n\nLe comité souhaite la salle des fêtes le samedi 12 décembre, pour le marché de Noël. Est-elle libre ?\n\nLe bureau du comité des fêtes",
    html: '<div style="font-family:Georgia,serif"><p>Bonjour,</p><p>Le comité souhaite la <strong>salle des fêtes</strong> le samedi 12 décembre, pour le <em>marché de Noël</em>. Est-elle libre ?</p><p>Le bureau du comité des fêtes</p><img src="https://comite-fetes.example/logo.png" alt="Comité des fêtes" width="120" height="40"></div>',
  },
  {
    id: "legalite",
    from: prefecture,
    to: [helene.address],
    subject: "Accusé de réception – délibération n° 2026-41",
    hoursAgo: 28,
    text: "Votre délibération n° 2026-41 a été reçue le 20 novembre et porte le numéro d’enregistrement 050-215000-20261120-DEL41.\n\nCe message est envoyé automatiquement.",
  },
  {
    id: "convocation",
    from: person(helene),
    to: [council.address],
    subject: "Convocation au conseil municipal",
    hoursAgo: 5,
    text: "Mesdames et Messieurs les conseillers,\n\nVous êtes convoqués au conseil municipal du mardi 1er décembre à 20 h, salle du conseil. L’ordre du jour est joint.\n\nHélène Marchand",
    attachments: [
      {
        filename: "Ordre du jour.pdf",
        contentType: "application/pdf",
        content: simplePdf("Ordre du jour", ["Conseil municipal du 1er décembre, 20 h"]),
      },
    ],
  },
  {
    id: "haie",
    from: { name: "Étienne Gosselin", address: "etienne.gosselin@poste.example" },
    to: [sharedMailbox.address],
    subject: "Haie abattue route de la Fontaine",
    hoursAgo: 70,
    text: "Bonjour,\n\nL’association vous signale qu’une haie de quarante mètres a été abattue route de la Fontaine. Une déclaration a-t-elle été déposée ?\n\nÉtienne Gosselin",
  },
  {
    id: "devis",
    from: { name: "Atelier Quesnel", address: "devis@atelier-quesnel.example" },
    to: [thierry.address],
    cc: [helene.address],
    subject: "Devis pour le broyeur",
    hoursAgo: 30,
    text: "Bonjour Monsieur Hamel,\n\nNotre offre pour le broyeur est de 4 280 € TTC, livraison comprise, valable un mois.\n\nCordialement,\nJérôme Quesnel",
  },
];

const names = new Map(
  [
    ...[council, sharedMailbox, helene, marc, nadia, sylvie, thierry].map(person),
    ...[geometer, resident, association, prefecture],
  ].map(({ name, address }) => [address, name]),
);
const named = (addresses: readonly string[]) =>
  addresses.map((address) => ({ name: names.get(address) ?? "", address }));

/** The message as a mail program would send it. */
export function composeMessage(message: DemoMessage, now: Date): Promise<Buffer> {
  const idOf = (id: string) => `<${id}@demonstration.bourg-fleuri.example>`;
  const composer = new MailComposer({
    from: message.from,
    to: named(message.to),
    cc: named(message.cc ?? []),
    subject: message.subject,
    text: message.text,
    ...(message.html && { html: message.html }),
    date: new Date(now.getTime() - message.hoursAgo * 3_600_000),
    messageId: idOf(message.id),
    ...(message.inReplyTo && { inReplyTo: idOf(message.inReplyTo), references: idOf(message.inReplyTo) }),
    attachments: [...(message.attachments ?? [])],
    newline: "\r\n",
  } as ConstructorParameters<typeof MailComposer>[0]);
  return composer.compile().build();
}
