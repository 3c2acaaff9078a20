import { useEffect } from "react";
import { announce } from "../ui/announcer.tsx";

let isFirst = true;

/** Title of the tab: « Réception · Bouquet ». Said to screen readers when the screen changes without a page load. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Bouquet" : `${title} · Bouquet`;
    if (!isFirst) announce(title);
    isFirst = false;
  }, [title]);
}
