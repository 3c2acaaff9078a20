import { en } from "./en/drive.ts";
import { fr } from "./fr/drive.ts";
import { useText } from "./text.ts";

const texts = { fr, en };

export const useDriveText = () => useText(texts);
export type DriveText = typeof fr;
