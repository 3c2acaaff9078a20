import type { ReactNode } from "react";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { useDriveErrorText } from "./drive-error-text.ts";

interface Props<Data> {
  readonly title: string;
  /** Beside the title. */
  readonly head?: ReactNode;
  /** Under it. */
  readonly lead?: ReactNode;
  readonly query: {
    readonly data: Data | undefined;
    readonly error: unknown;
    readonly isPending: boolean;
    readonly refetch: () => unknown;
  };
  readonly children: (data: Data) => ReactNode;
}

/** A page of the drive that is not a folder: its title, and what was read, while it is read, or why it was not. */
export function SheetPage<Data>({ title, head, lead, query, children }: Props<Data>) {
  const ui = useUiText();
  const errorText = useDriveErrorText();
  const { data, error, isPending, refetch } = query;
  useTitle(title);
  return (
    <div className="sheet ds">
      <section className="ds-main">
        <div className="bc">
          <h1 className="grow">{title}</h1>
          {head}
        </div>
        {lead}
        {isPending && <SkeletonRows count={6} />}
        {Boolean(error) && data === undefined && (
          <div className="in-sheet">
            <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
              {errorText(error)}
            </Banner>
          </div>
        )}
        {data !== undefined && children(data)}
      </section>
    </div>
  );
}
