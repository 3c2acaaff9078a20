import { en } from "./en/mail-recovery.ts";
import { fr } from "./fr/mail-recovery.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useMailRecoveryText = () => useText(texts);
