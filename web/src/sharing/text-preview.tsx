import { useQuery } from "@tanstack/react-query";
import { SkeletonRows } from "../ui/feedback.tsx";

/** Characters: what somebody reads on a page. */
const most = 100_000;

/** The beginning of a text, as text: a file is never a page of ours. */
export function TextPreview({ src, name }: { src: string; name: string }) {
  const { data, isPending } = useQuery({
    queryKey: ["share-text", src],
    queryFn: async ({ signal }) => {
      const response = await fetch(src, {
        signal,
        credentials: "same-origin",
        headers: { range: `bytes=0-${most * 4}` },
      });
      if (!response.ok) throw new Error(`${response.status}`);
      return (await response.text()).slice(0, most);
    },
    retry: false,
  });
  if (isPending) return <SkeletonRows count={4} />;
  if (data === undefined || data === "") return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section className="text-preview" tabIndex={0} aria-label={name}>
      {data}
    </section>
  );
}
