import { en } from "./en/mail-sharing.ts";
import { fr } from "./fr/mail-sharing.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useMailSharingText = () => useText(texts);
