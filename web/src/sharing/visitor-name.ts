import { useState } from "react";

const key = "bouquet.visitor";

/** What the person calls themselves, kept in their browser for the next time. */
export function useVisitorName(): [string, (name: string) => void] {
  const [name, setName] = useState(() => {
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      return "";
    }
  });
  const keep = (next: string) => {
    setName(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // Without storage it is asked each time.
    }
  };
  return [name, keep];
}
