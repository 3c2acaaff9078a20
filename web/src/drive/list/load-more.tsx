import { useEffect, useRef } from "react";
import { useDriveText } from "../../i18n/drive.ts";
import { Button } from "../../ui/button.tsx";

interface Props {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
}

/** Reads the next page when its button comes into sight, or is pressed. */
export function LoadMore({ query }: Props) {
  const t = useDriveText();
  const place = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (!place.current || !hasNextPage || isFetchingNextPage) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) fetchNextPage();
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (!hasNextPage) return null;
  return (
    <div ref={place} className="load-more">
      <Button isPending={isFetchingNextPage} onPress={() => fetchNextPage()}>
        {t.loadMore}
      </Button>
    </div>
  );
}
