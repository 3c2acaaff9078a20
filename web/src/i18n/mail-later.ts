import { en } from "./en/mail-later.ts";
import { fr } from "./fr/mail-later.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useMailLaterText = () => useText(texts);
