/** Rows of the keyboards in use here and the alphabet: walking along them is no secret. */
export const keyboardRows: readonly string[] = [
  "azertyuiop",
  "qsdfghjklm",
  "wxcvbn",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "01234567890",
  "abcdefghijklmnopqrstuvwxyz",
  "&é\"'(-è_çà".normalize("NFD").replace(/\p{M}/gu, ""),
  "aqwzsxedcrfvtgbyhnujikolpm",
  "1qaz2wsx3edc4rfv5tgb6yhn",
  "1aqw2zsx3edc4rfv5tgb",
  "147258369",
  "789456123",
];

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What people choose first, in French and in English, without accents and capitals. */
export const commonPasswords: ReadonlySet<string> = words(`
  password passwd passe motdepasse mdp motdepass monmotdepasse nouveaumotdepasse changeme changezmoi secret admin
  administrateur administrator root user utilisateur test tester essai demo invite guest welcome bienvenue bonjour bonsoir
  coucou salut hello hallo merci soleil sunshine princesse princess chocolat chocolate doudou loulou chouchou cherie cheri
  mamour monamour jetaime iloveyou jtm bisous bisou nounours pouss poussin minou minette caramel vanille cannelle noisette
  praline fleur fleurs rose marguerite tulipe violette papillon licorne dauphin tigre lion panda chaton chien chat poney
  cheval dragon monkey shadow master football foot rugby basketball baseball soccer hockey tennis petanque cyclisme velo
  marseille paris lyon toulouse nantes bordeaux rennes lille strasbourg montpellier bretagne normandie vendee france
  allezlesbleus lesbleus psg olympique om asse mbappe zidane ronaldo messi neymar pokemon pikachu naruto goku sangoku
  starwars batman superman spiderman harrypotter minecraft fortnite google facebook youtube instagram microsoft windows
  office outlook orange free sfr bouygues wanadoo laposte gmail hotmail yahoo internet wifi bbox livebox freebox ordinateur
  computer samsung iphone apple android azerty azertyuiop azerty123 azer aze qwerty qwertyuiop qsd qsdfgh qsdfghjklm wxcvbn
  wxc abcdef abcd abc abc123 abcd1234 a1b2c3 a1b2c3d4 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789
  987654321 654321 4321 111111 11111111 000000 00000000 112233 121212 123123 123321 666666 696969 777777 888888 999999
  123qwe 1q2w3e 1q2w3e4r 1qaz2wsx q1w2e3r4 zaq12wsx qazwsx asdf asdfgh asdfghjkl zxcvbn zxcvbnm letmein login trustno1
  access ninja michael jordan jennifer hunter killer pepper ginger cookie summer winter spring autumn printemps ete automne
  hiver janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi mercredi jeudi
  vendredi samedi dimanche january february march april june july august september october november december monday
  tuesday wednesday thursday friday saturday sunday nicolas julien thomas alexandre sebastien maxime antoine camille
  isabelle catherine nathalie valerie sandrine stephanie celine sophie caroline virginie laetitia emilie aurelie philippe
  christophe laurent stephane frederic olivier patrick pascal thierry bruno didier pierre jacques michel bernard jean marie
  martine monique francoise jacqueline christine brigitte sylvie veronique daniel david eric alain gerard claude robert
  andre charlie clement lucas hugo theo enzo lea manon chloe emma jade louise gabriel raphael arthur jules louis adam
  liberte egalite fraternite republique marianne tricolore cocorico baguette croissant fromage camembert raclette
  saucisson pastis ricard biere vin champagne whisky vodka mojito mer plage montagne vacances voyage maison jardin famille
  papa maman papi mamie papy mamy enfant bebe ange angel diable devil lucky chance bonheur amour love forever amitie copine
  copain star etoile lune moon ciel nuage arcenciel musique guitare piano batterie johnny hallyday metallica nirvana
  matrix mustang ferrari porsche renault peugeot citroen twingo clio megane scenic kangoo tracteur camion moto yamaha harley
  qwertz letmein1 passw0rd pass1234 p4ssw0rd root123 toor temp temporaire provisoire default defaut password1 password123
  admin123 welcome1 bonjour1 bonjour123 soleil1 doudou1 loulou1 azerty1 marseille13 paris75 nice06
`);

/** What towns, their offices and their tools are called: the next words a guesser tries here. */
export const commonWords: ReadonlySet<string> = words(`
  mairie commune village bourg ville hotel hoteldeville municipal municipale municipalite collectivite territoire
  intercommunalite communaute agglomeration metropole syndicat departement region prefecture prefet maire adjoint adjointe
  secretaire secretariat accueil service services technique techniques urbanisme cadastre etatcivil elections election
  conseil conseiller conseillere comptabilite finances budget tresor tresorerie impots ecole cantine periscolaire creche
  bibliotheque mediatheque eglise clocher cimetiere salle salledesfetes stade gymnase piscine marche place rue avenue
  boulevard route chemin impasse allee lotissement hameau lieudit quartier centre nord sud est ouest saint sainte mont
  bois pont fontaine chateau moulin ferme riviere fleuve loire seine garonne rhone alsace lorraine picardie auvergne
  provence occitanie aquitaine bourgogne champagne ardenne corse savoie jura vosges pyrenees alpes sarthe orne mayenne
  calvados manche messagerie courriel mail email agenda contact drive fichier fichiers dossier document documents bureau
  portail numerique bouquet compte session connexion acces identifiant code pin cle carte badge porte alarme cloud
  serveur imprimante telephone portable tablette clavier souris ecran logiciel site web
`);
