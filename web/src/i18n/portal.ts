import { en } from "./en/portal.ts";
import { fr } from "./fr/portal.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const usePortalText = () => useText(texts);
