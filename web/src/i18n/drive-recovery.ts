import { en } from "./en/drive-recovery.ts";
import { fr } from "./fr/drive-recovery.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useDriveRecoveryText = () => useText(texts);
