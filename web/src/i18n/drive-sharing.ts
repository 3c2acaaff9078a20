import { en } from "./en/drive-sharing.ts";
import { fr } from "./fr/drive-sharing.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useDriveSharingText = () => useText(texts);
