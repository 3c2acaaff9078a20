import { Copy } from "lucide-react";
import { usePortalText } from "../i18n/portal.ts";
import { Button } from "../ui/button.tsx";
import { toast, toastProblem } from "../ui/toast.tsx";

/** Copies a text. On plain HTTP browsers refuse: then it says to select by hand (the text beside it selects at once). */
export function CopyButton({ text }: { text: string }) {
  const t = usePortalText();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(t.copied);
    } catch {
      toastProblem(t.copyFailed);
    }
  };
  return (
    <Button size="sm" icon={Copy} onPress={() => void copy()}>
      {t.copy}
    </Button>
  );
}
