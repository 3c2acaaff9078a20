import "./thumbnail.css";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { cx } from "./cx.ts";
import { imageTurns } from "./image-turns.ts";

interface Props {
  /** Undefined: there is only the icon. */
  readonly src: string | undefined;
  readonly className?: string;
  /** The icon, which stays where there is no picture. */
  readonly children: ReactNode;
}

/** A small picture over the icon of a file, once it has come near the screen and the server has drawn it. Decorative. */
export function Thumbnail(props: Props) {
  return <Loading key={props.src} {...props} />;
}

function Loading({ src, className, children }: Props) {
  const place = useRef<HTMLSpanElement>(null);
  const leave = useRef<() => void>(undefined);
  const [state, setState] = useState<"waiting" | "loading" | "shown" | "none">("waiting");
  useEffect(() => {
    if (src === undefined || !place.current) return;
    let hasBegun = false;
    const observer = new IntersectionObserver(
      (entries) => {
        if (hasBegun) return;
        if (!entries.at(-1)!.isIntersecting) {
          leave.current?.();
          leave.current = undefined;
          return;
        }
        leave.current ??= imageTurns.take(() => {
          hasBegun = true;
          setState("loading");
        });
      },
      { rootMargin: "200px" },
    );
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      leave.current?.();
      leave.current = undefined;
    };
  }, [src]);
  const end = (next: "shown" | "none") => {
    leave.current?.();
    setState(next);
  };
  return (
    <span ref={place} className={cx("thumb", className)} data-shown={state === "shown" || undefined} aria-hidden="true">
      {children}
      {(state === "loading" || state === "shown") && (
        <img
          src={src}
          alt=""
          decoding="async"
          draggable={false}
          onLoad={() => end("shown")}
          onError={() => end("none")}
        />
      )}
    </span>
  );
}
