import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useDriveText } from "../i18n/drive.ts";
import { useTitle } from "../shell/title.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { searchQuery } from "./drive-queries.ts";
import { FoundList } from "./found-nodes.tsx";

/** Nodes of all spaces by their name, in place of the open page while something is typed in the search. */
export function SearchResults({ what }: { what: string }) {
  const t = useDriveText();
  const [asked, setAsked] = useState(what);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(what), 200);
    return () => clearTimeout(timer);
  }, [what]);
  const title = t.found(asked);
  useTitle(title);
  const query = useQuery({ ...searchQuery(asked), placeholderData: keepPreviousData });
  return (
    <FoundList
      title={title}
      query={query}
      empty={
        <EmptyState drawing="search" level={2} title={t.nothingFound}>
          {t.nothingFoundText}
        </EmptyState>
      }
    />
  );
}
