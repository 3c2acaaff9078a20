import { en } from "./en/sharing.ts";
import { fr } from "./fr/sharing.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useSharingText = () => useText(texts);
