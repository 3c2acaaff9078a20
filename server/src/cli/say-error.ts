import type { DomainError, ErrorCode } from "../domain/errors.ts";

/** What a refusal means when its own sentence has no translation; that sentence follows in parentheses. */
const meanings: Readonly<Record<ErrorCode, string>> = {
  invalid: "Ce qui est demandé n’est pas possible",
  unauthenticated: "Personne n’est identifié",
  wrong_credentials: "Le nom ou le mot de passe n’est pas le bon",
  throttled: "Trop d’essais ; réessayez plus tard",
  forbidden: "Cela n’est pas permis",
  not_found: "Cela n’existe pas",
  already_exists: "Cela existe déjà",
  conflict: "Cela contredit ce qui est en place",
  state_mismatch: "Cela a changé entre-temps",
  cannot_calculate_changes: "Les changements ne sont plus connus",
  locked: "C’est verrouillé par quelqu’un",
  over_quota: "La place manque",
  paused: "C’est suspendu ; réessayez plus tard",
  too_large: "C’est trop grand",
  weak_password: "Ce mot de passe est trop facile à deviner",
  expired: "Le délai est passé",
  unknown_recipient: "Ce destinataire n’existe pas",
  sender_not_allowed: "Cet expéditeur n’est pas permis",
  message_refused: "Le message est refusé",
  sending_limited: "Trop de messages ont été envoyés",
  storage_full: "Le disque du serveur est plein",
  unavailable: "Le service ne répond pas ; réessayez",
};

const sentences: readonly (readonly [RegExp, string])[] = [
  [/^There is no such account$/, "Il n’y a pas de tel compte."],
  [/^This person has no account$/, "Cette personne n’a pas de compte."],
  [/^There is no such person$/, "Il n’y a pas de telle personne."],
  [/^There is no such person or group$/, "Il n’y a ni personne ni groupe de ce nom."],
  [/^There is no such group$/, "Il n’y a pas de tel groupe."],
  [/^There is no such script$/, "Il n’y a pas de script de ce nom."],
  [/^There is no such report$/, "Il n’y a pas de tel rapport."],
  [/^There is no such entry$/, "Il n’y a pas de telle entrée dans la liste."],
  [/^There is no such page$|^This page does not exist$/, "Cette page n’existe pas."],
  [/^There is no such message in the quarantine$/, "Il n’y a pas de tel message dans la quarantaine."],
  [/^There is no such app password$/, "Il n’y a pas de tel mot de passe d’application."],
  [/^There is no such time zone$/, "Ce fuseau horaire n’existe pas."],
  [/^This person is not paused$/, "Les envois de cette personne ne sont pas suspendus."],
  [/^You may not do this here$/, "Vous n’en avez pas le droit ici."],
  [/^You may not give or take a right that you do not have$/, "On ne donne ni ne retire un droit que l’on n’a pas."],
  [/^The owner has all rights already$/, "Le propriétaire a déjà tous les droits."],
  [/^Only an administrator\b/, "Seul un administrateur le peut."],
  [/^The domain (.+) is not held here$/, "Le domaine « $1 » n’est pas hébergé ici."],
  [/^The domain (.+) does not belong to this organization$/, "Le domaine « $1 » n’est pas de cette collectivité."],
  [/^The domain (.+) is already used$/, "Le domaine « $1 » est déjà pris."],
  [/^The address (.+) is already used$/, "L’adresse « $1 » est déjà prise."],
  [/^The address (.+) is of the organization itself$/, "L’adresse « $1 » est de la collectivité elle-même."],
  [/^The account has the address (.+) itself$/, "L’adresse « $1 » est celle du compte lui-même."],
  [/^Nobody has the address (.+)$/, "Personne n’a l’adresse « $1 »."],
  [/^A domain does not stand for itself$/, "Un domaine ne peut pas se remplacer lui-même."],
  [
    /^A domain that stands for another has none that stands for it$/,
    "Un domaine qui en remplace un autre ne peut pas être remplacé à son tour.",
  ],
  [/^Mail is sent on to 1 to (\d+) addresses$/, "Le courriel est renvoyé vers $1 adresses au plus, et au moins une."],
  [/^At most (\d+) scripts are possible$/, "$1 scripts au plus sont possibles."],
  [/^A script has at most (\d+) bytes$/, "Un script a $1 octets au plus."],
  [/^This cannot be the name of a script$/, "Un script ne peut pas porter ce nom."],
  [/^A list has at most (\d+) entries$/, "Une liste a $1 entrées au plus."],
  [/^An entry is an address or a domain$/, "Une entrée est une adresse ou un domaine."],
  [/^A limit is a whole number; 0 is no limit$/, "Une limite est un nombre entier ; 0 : pas de limite."],
  [/^A quota is a whole number of bytes$/, "Un quota est un nombre entier d’octets."],
  [/^(\S+) is one of (.+)$/, "« $1 » vaut l’un de : $2."],
  [/^The threshold is between 0\.5 and 1$/, "Le seuil est entre 0,5 et 1."],
  [
    /^The least number of learned messages is a whole number from 1 to 1000000$/,
    "Le plus petit nombre de messages appris est un entier de 1 à 1 000 000.",
  ],
  [/^At most (\d+) sealers can be trusted$/, "On se fie à $1 signataires ARC au plus."],
  [/^The period ends before it begins$/, "La période finit avant de commencer."],
  [/^This is not the name of a mailbox$/, "Un dossier ne peut pas porter ce nom."],
  [/^This is not an e-mail address$/, "Ce n’est pas une adresse de courriel."],
  [/^This is not a domain name$/, "Ce n’est pas un nom de domaine."],
  [/^An address is needed$/, "Il manque une adresse."],
  [/^A name is needed$/, "Il manque un nom."],
  [/^A name of at most (\d+) characters is needed$/, "Il faut un nom, de $1 caractères au plus."],
  [
    /^An organization needs a name of at most (\d+) characters$/,
    "Il faut à la collectivité un nom, de $1 caractères au plus.",
  ],
  [/^This password is too easy to guess$/, "Ce mot de passe est trop facile à deviner."],
  [/^This is the current password$/, "C’est le mot de passe actuel."],
  [/^Choose what the password is for$/, "Dites à quoi sert ce mot de passe."],
  [/^Revoke passwords that are not used any more first$/, "Retirez d’abord des mots de passe qui ne servent plus."],
  [/^This text holds a NUL character$/, "Ce texte contient un caractère NUL."],
  [/^There is no space left on the server$/, "Il n’y a plus de place sur le serveur."],
  [/^The service is unavailable for a moment$/, "Le service est indisponible pour un moment."],
];

interface Fault {
  readonly line: number;
  readonly message: string;
}

/** A refusal of the domain, for who typed a command: in French, whose sentences the domain has in English for the most part. */
export function sayError(error: Pick<DomainError, "code" | "message" | "data">): string {
  const faults = error.data?.faults as readonly Fault[] | undefined;
  if (faults) return faults.map(({ line, message }) => `Ligne ${line} : ${message}`).join("\n");
  for (const [pattern, french] of sentences) {
    if (pattern.test(error.message)) return error.message.replace(pattern, french);
  }
  // Some sentences are for this place alone, and French already.
  return /[’«»éèêàç]/.test(error.message) ? error.message : `${meanings[error.code]} (${error.message}).`;
}
