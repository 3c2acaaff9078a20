import { en } from "./en/mail-moderation.ts";
import { fr } from "./fr/mail-moderation.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useMailModerationText = () => useText(texts);
