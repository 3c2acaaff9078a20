import { en } from "./en/sign-in.ts";
import { fr } from "./fr/sign-in.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useSignInText = () => useText(texts);
