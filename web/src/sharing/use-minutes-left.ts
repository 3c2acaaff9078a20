import { useEffect, useState } from "react";
import { ApiError } from "../api/http.ts";

/** Whole minutes, at least one, until what the server throttled may be tried again; counts down while it is shown. */
export function useMinutesLeft(error: unknown): number {
  const seconds = error instanceof ApiError ? (error.body.retryAfterSeconds ?? 60) : 60;
  const [minutes, setMinutes] = useState(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new refusal of the same length starts again
  useEffect(() => {
    const until = Date.now() + seconds * 1000;
    const tell = () => setMinutes(Math.max(1, Math.ceil((until - Date.now()) / 60_000)));
    tell();
    const timer = setInterval(tell, 10_000);
    return () => clearInterval(timer);
  }, [seconds, error]);
  return minutes;
}
