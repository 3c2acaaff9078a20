export const fr = {
  next: "Nouveau mot de passe",
  rule: (min: string) => `Au moins ${min} caractères. Quatre mots sans lien font un bon mot de passe.`,
  strength: "Solidité",
  checking: "Vérification…",
  weak: "Trop facile à deviner",
  fair: "Solide",
  strong: "Très solide",
  reasons: {
    too_short: "Il est trop court.",
    too_long: "Il est trop long.",
    too_guessable: "Il se devine trop vite : ajoutez un mot.",
    common: "Beaucoup de personnes l’utilisent déjà.",
    personal: "Il contient votre nom, votre adresse ou votre commune.",
    same_as_current: "C’est le mot de passe actuel.",
  },
};
