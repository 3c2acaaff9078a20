import { en } from "./en/mail.ts";
import { fr } from "./fr/mail.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useMailText = () => useText(texts);
