export interface Explanation {
  reason: string;
  advice: string;
}

/** By enhanced status code without its class (RFC 3463 and its registry): exact first, then by subject. For a secretary. */
const explanations: Readonly<Record<string, Explanation>> = {
  "1.1": {
    reason: "cette adresse n’existe pas chez le destinataire",
    advice: "Vérifiez l’orthographe de l’adresse, puis renvoyez le message.",
  },
  "1.2": {
    reason: "la partie de l’adresse qui suit « @ » n’existe pas ou ne reçoit pas de courrier",
    advice: "Vérifiez l’orthographe de l’adresse, puis renvoyez le message.",
  },
  "1.3": {
    reason: "cette adresse n’est pas écrite correctement",
    advice: "Vérifiez l’orthographe de l’adresse, puis renvoyez le message.",
  },
  "1.6": {
    reason: "cette personne a changé d’adresse",
    advice: "Demandez-lui sa nouvelle adresse.",
  },
  "1.10": {
    reason: "la partie de l’adresse qui suit « @ » n’accepte aucun courrier",
    advice: "Vérifiez l’orthographe de l’adresse, ou demandez une autre adresse au destinataire.",
  },
  "2.0": { reason: "la boîte du destinataire ne reçoit pas de courrier", advice: "Joignez-le par un autre moyen." },
  "2.1": { reason: "la boîte du destinataire est désactivée", advice: "Joignez-le par un autre moyen." },
  "2.2": {
    reason: "la boîte du destinataire est pleine",
    advice: "Prévenez-le par un autre moyen, puis renvoyez le message quand il aura fait de la place.",
  },
  "1.8": {
    reason: "le serveur du destinataire refuse votre adresse d’expéditeur",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "2.4": {
    reason: "la liste de diffusion du destinataire n’a pas pu être servie",
    advice: "Prévenez par un autre moyen la personne qui tient cette liste.",
  },
  "2.3": {
    reason: "le message est trop volumineux pour la boîte du destinataire",
    advice: "Déposez les pièces jointes sur le drive et envoyez un lien de partage à la place.",
  },
  "3.4": {
    reason: "le message est trop volumineux pour le serveur du destinataire",
    advice: "Déposez les pièces jointes sur le drive et envoyez un lien de partage à la place.",
  },
  "3.1": {
    reason: "le serveur du destinataire n’a plus de place",
    advice: "Joignez-le par un autre moyen, puis renvoyez le message plus tard.",
  },
  "4.2": {
    reason: "la liaison avec le serveur du destinataire a été coupée",
    advice: "Renvoyez le message plus tard ou joignez le destinataire autrement.",
  },
  "4.3": {
    reason: "l’annuaire d’Internet (DNS) ne répond pas au sujet du destinataire",
    advice: "Réessayez plus tard ou joignez-le par un autre moyen.",
  },
  "4.1": { reason: "le serveur du destinataire ne répond pas", advice: "Réessayez plus tard ou joignez-le autrement." },
  "4.4": {
    reason: "le serveur du destinataire est introuvable",
    advice: "Vérifiez la partie de l’adresse qui suit « @ », puis renvoyez le message.",
  },
  "4.6": {
    reason: "le message tourne en rond entre plusieurs serveurs",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "4.7": {
    reason: "le serveur du destinataire n’a pas accepté le message dans le temps imparti",
    advice: "Réessayez plus tard ou joignez le destinataire par un autre moyen.",
  },
  "6.7": {
    reason: "le serveur du destinataire n’accepte pas les adresses avec des lettres accentuées",
    advice: "Écrivez depuis une adresse sans accent, ou demandez-lui une autre adresse.",
  },
  "7.2": {
    reason: "ce groupe ou cette liste n’accepte pas vos messages",
    advice: "Demandez à la personne qui s’en occupe de vous y autoriser.",
  },
  "7.5": {
    reason: "le serveur du destinataire n’a pas prouvé son identité, comme son domaine l’exige (TLS)",
    advice: "Joignez le destinataire par un autre moyen et transmettez cet avis à votre administrateur.",
  },
  "7.8": {
    reason: "le serveur relais a refusé notre mot de passe",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "7.13": { reason: "la boîte du destinataire est désactivée", advice: "Joignez-le par un autre moyen." },
  "7.25": {
    reason: "le serveur du destinataire ne reconnaît pas l’adresse de notre serveur (nom inverse)",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "7.27": {
    reason: "le domaine de votre adresse n’accepte pas de réponse, ce que le serveur du destinataire refuse",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "7.28": {
    reason: "le serveur du destinataire trouve que trop de messages lui arrivent de chez nous",
    advice: "Attendez quelques heures avant de renvoyer le message.",
  },
  "7.30": {
    reason: "vous avez exigé une liaison protégée de bout en bout, que le serveur du destinataire ne sait pas garantir",
    advice: "Renvoyez le message sans cette exigence, ou joignez le destinataire par un autre moyen.",
  },
  "7.0": {
    reason: "le serveur du destinataire a refusé le message pour des raisons de sécurité",
    advice: "Joignez le destinataire par un autre moyen et transmettez cet avis à votre administrateur.",
  },
  "7.1": {
    reason:
      "le serveur du destinataire a refusé le message : il n’y est pas autorisé ou il le prend pour un indésirable",
    advice: "Joignez le destinataire par un autre moyen et transmettez cet avis à votre administrateur.",
  },
};

const unproved: Explanation = {
  reason:
    "le serveur du destinataire n’a pas pu vérifier que le message vient bien de votre domaine (SPF, DKIM, DMARC)",
  advice: "Transmettez cet avis à votre administrateur : il vérifiera les enregistrements DNS du domaine.",
};

const bySubject: Readonly<Record<string, Explanation>> = {
  "1": explanations["1.1"]!,
  "2": explanations["2.0"]!,
  "3": {
    reason: "le serveur du destinataire est en difficulté",
    advice: "Réessayez plus tard ou joignez-le par un autre moyen.",
  },
  "4": explanations["4.1"]!,
  "5": {
    reason: "le serveur du destinataire et le nôtre ne se sont pas compris",
    advice: "Transmettez cet avis à votre administrateur.",
  },
  "6": {
    reason: "le serveur du destinataire n’accepte pas ce format de message",
    advice: "Renvoyez le message sans mise en forme ni pièce jointe particulière.",
  },
  "7": explanations["7.0"]!,
};

const unknown: Explanation = {
  reason: "le serveur du destinataire l’a refusé",
  advice: "Réessayez plus tard, joignez le destinataire autrement ou transmettez cet avis à votre administrateur.",
};

/** Why a recipient was not reached and what to do, by the status of RFC 3463; something can be said of any. */
export function explainStatus(status: string): Explanation {
  const [, subject = "", detail = ""] = status.split(".");
  // RFC 7372: what SPF, DKIM and DMARC found.
  if (subject === "7" && /^2[0-46]$/.test(detail)) return unproved;
  return explanations[`${subject}.${detail}`] ?? bySubject[subject] ?? unknown;
}
