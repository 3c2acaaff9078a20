import { en } from "./en/mail-settings.ts";
import { fr } from "./fr/mail-settings.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export type MailSettingsText = typeof fr;
export const useMailSettingsText = () => useText(texts);
