import { simplePdf } from "./simple-pdf.ts";

export interface DemoFile {
  /** Folders from the root, then the name. */
  readonly path: readonly string[];
  readonly content: Buffer;
}

const text = (value: string): Buffer => Buffer.from(value, "utf8");

/** What stands in the drive of the secretary and in the team folder, by its owner. */
export const secretaryFiles: readonly DemoFile[] = [
  {
    path: ["Conseil municipal", "Ordre du jour – 1er décembre.pdf"],
    content: simplePdf("Conseil municipal du 1er décembre", [
      "Convocation adressée aux conseillers le 23 novembre.",
      "",
      "1. Approbation du procès-verbal de la séance précédente",
      "2. Décision modificative n° 2 du budget communal",
      "3. Tarifs de la salle des fêtes pour l’année à venir",
      "4. Cantine : effectifs et choix du fournisseur",
      "5. Voirie : programme d’entretien des chemins",
      "6. Questions diverses",
    ]),
  },
  {
    path: ["Conseil municipal", "Présents – séance d’octobre.csv"],
    content: text(
      "\ufeffNom;Fonction;Présence\r\nMarc Duval;Maire;présent\r\nSylvie Leroy;Adjointe;présente\r\nPaul Morin;Conseiller;excusé\r\nAnne Le Gall;Conseillère;présente\r\n",
    ),
  },
  {
    path: ["Arrêtés", "Arrêté 2026-118 – circulation rue du Lavoir.pdf"],
    content: simplePdf("Arrêté n° 2026-118", [
      "Portant réglementation temporaire de la circulation rue du Lavoir",
      "",
      "Le maire de Bourg-Fleuri,",
      "Vu le code général des collectivités territoriales, articles L. 2213-1 et suivants,",
      "Considérant les travaux de réfection du réseau d’eau,",
      "",
      "Article 1. La circulation est interdite rue du Lavoir du 7 au 11 décembre, de 8 h à 17 h.",
      "Article 2. La déviation passe par la rue de la Fontaine.",
    ]),
  },
  {
    path: ["Cantine", "Effectifs novembre.csv"],
    content: text(
      "\ufeffSemaine;Lundi;Mardi;Jeudi;Vendredi\r\n45;42;44;41;38\r\n46;43;45;44;40\r\n47;41;44;42;39\r\n48;44;46;43;41\r\n",
    ),
  },
  {
    path: ["Salle des fêtes", "Règlement et tarifs.pdf"],
    content: simplePdf("Salle des fêtes : règlement et tarifs", [
      "Habitants : 180 € le week-end. Hors commune : 320 €.",
      "Associations de la commune : deux fois par an sans frais.",
      "La clé se retire en mairie le vendredi avant 16 h 30.",
    ]),
  },
  {
    path: ["Notes de service.txt"],
    content: text("Fermeture de la mairie le lundi 28 décembre.\nPenser à commander du papier.\n"),
  },
];

export const teamFolderFiles: readonly DemoFile[] = [
  {
    path: ["Modèles", "Courrier type.txt"],
    content: text("Madame, Monsieur,\n\n\nVeuillez agréer, Madame, Monsieur, nos salutations distinguées.\n"),
  },
  {
    path: ["Voirie", "Chemins à curer.csv"],
    content: text(
      "\ufeffChemin;Longueur (m);État\r\nChemin des Ormes;820;à curer\r\nChemin du Moulin;430;fait en octobre\r\nRoute de la Fontaine;1250;à curer\r\n",
    ),
  },
];
