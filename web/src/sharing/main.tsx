import { hasChosenLanguage, showLanguage } from "../i18n/text.ts";
import { start } from "../shell/start.tsx";
import { browserLanguage } from "./browser-language.ts";
import { SharePage } from "./share-page.tsx";

if (!hasChosenLanguage()) showLanguage(browserLanguage(navigator.languages));
start(<SharePage />);
