import { en } from "./en/password.ts";
import { fr } from "./fr/password.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const usePasswordText = () => useText(texts);
