import { useEffect } from "react";

/** Title of the tab: « Réception · Bouquet ». */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Bouquet" : `${title} · Bouquet`;
  }, [title]);
}
