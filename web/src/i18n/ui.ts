import { en } from "./en/ui.ts";
import { fr } from "./fr/ui.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

/** Words of the shell and of the components. */
export const useUiText = () => useText(texts);
