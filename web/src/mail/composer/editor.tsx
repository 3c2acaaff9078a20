import { type Editor, EditorContent, useEditor, useEditorState } from "@tiptap/react";
import StarterKit from "@tiptap/starter-kit";
import { Bold, Italic, Link2, List, ListOrdered, Quote } from "lucide-react";
import { useState } from "react";
import { Dialog as AriaDialog, DialogTrigger, Popover, ToggleButton } from "react-aria-components";
import { useMailText } from "../../i18n/mail.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Icon, type LucideIcon } from "../../ui/icon.tsx";

interface Options {
  readonly html: string;
  readonly label: string;
  readonly onChange: (html: string) => void;
  /** True when it took the files: then they are not put in the text. */
  readonly onFiles: (files: readonly File[]) => boolean;
}

const extensions = [
  StarterKit.configure({
    heading: false,
    code: false,
    codeBlock: false,
    horizontalRule: false,
    strike: false,
    link: {
      openOnClick: false,
      defaultProtocol: "https",
      protocols: ["http", "https", "mailto", "tel"],
      HTMLAttributes: { rel: "noopener noreferrer", target: null, class: null },
    },
  }),
];

/** The text of a message being written. Its style sheet is ours: the library's would be inline. */
export function useMailEditor({ html, label, onChange, onFiles }: Options): Editor | null {
  return useEditor({
    extensions,
    content: html,
    injectCSS: false,
    shouldRerenderOnTransaction: false,
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label, class: "ed-text" },
      // Sends; the editor would put a line break.
      handleKeyDown: (_view, event) => event.key === "Enter" && (event.ctrlKey || event.metaKey),
      handlePaste: (_view, event) => onFiles([...(event.clipboardData?.files ?? [])]),
      handleDrop: (_view, event) => onFiles([...(event.dataTransfer?.files ?? [])]),
    },
    onUpdate: ({ editor }) => onChange(editor.getHTML()),
  });
}

export function EditorText({ editor }: { editor: Editor | null }) {
  return <EditorContent editor={editor} className="ed-in" />;
}

/** Bold, italic, lists and quote, each as a button that shows whether it holds at the caret. */
export function FormatBar({ editor }: { editor: Editor }) {
  const t = useMailText();
  const on = useEditorState({
    editor,
    selector: ({ editor: at }) => ({
      bold: at.isActive("bold"),
      italic: at.isActive("italic"),
      bullets: at.isActive("bulletList"),
      numbers: at.isActive("orderedList"),
      quote: at.isActive("blockquote"),
    }),
  });
  const run = () => editor.chain().focus();
  return (
    <div className="format" role="toolbar" aria-label={t.format}>
      <Toggle label={t.bold} icon={Bold} isOn={on.bold} onPress={() => run().toggleBold().run()} />
      <Toggle label={t.italic} icon={Italic} isOn={on.italic} onPress={() => run().toggleItalic().run()} />
      <Toggle label={t.bulletList} icon={List} isOn={on.bullets} onPress={() => run().toggleBulletList().run()} />
      <Toggle
        label={t.numberList}
        icon={ListOrdered}
        isOn={on.numbers}
        onPress={() => run().toggleOrderedList().run()}
      />
      <Toggle label={t.quote} icon={Quote} isOn={on.quote} onPress={() => run().toggleBlockquote().run()} />
    </div>
  );
}

function Toggle({
  label,
  icon,
  isOn,
  onPress,
}: {
  label: string;
  icon: LucideIcon;
  isOn: boolean;
  onPress: () => void;
}) {
  return (
    <ToggleButton className="btn icon ghost sm" aria-label={label} isSelected={isOn} onChange={onPress}>
      <Icon of={icon} size="sm" />
    </ToggleButton>
  );
}

/** Puts a link on what is selected, or its address where nothing is. */
export function LinkButton({ editor }: { editor: Editor }) {
  const t = useMailText();
  const [isOpen, setOpen] = useState(false);
  const [href, setHref] = useState("");
  const [error, setError] = useState<string | null>(null);
  const apply = () => {
    const address = completeAddress(href.trim());
    if (!address) return setError(t.linkWrong);
    setOpen(false);
    const chain = editor.chain().focus();
    if (editor.state.selection.empty && !editor.isActive("link")) {
      chain
        .insertContent({ type: "text", text: href.trim(), marks: [{ type: "link", attrs: { href: address } }] })
        .unsetMark("link")
        .run();
    } else chain.extendMarkRange("link").setLink({ href: address }).run();
  };
  return (
    <DialogTrigger
      isOpen={isOpen}
      onOpenChange={(open) => {
        setHref((editor.getAttributes("link").href as string | undefined) ?? "");
        setError(null);
        setOpen(open);
      }}
    >
      <IconButton label={t.insertLink} icon={Link2} />
      <Popover className="pop" placement="top">
        <AriaDialog className="pop-body" aria-label={t.insertLink}>
          <form
            className="stack stack-3"
            onSubmit={(event) => {
              event.preventDefault();
              apply();
            }}
          >
            <TextField label={t.linkAddress} value={href} onChange={setHref} error={error} autoFocus />
            <Button variant="primary" type="submit">
              {t.insertLink}
            </Button>
          </form>
        </AriaDialog>
      </Popover>
    </DialogTrigger>
  );
}

function completeAddress(typed: string): string | null {
  if (/^(https?:\/\/|mailto:|tel:)\S+$/i.test(typed)) return typed;
  if (/^[^\s@/]+@[^\s@]+\.[^\s@]+$/.test(typed)) return `mailto:${typed}`;
  return /^[^\s/:]+\.[^\s/:]+(\/\S*)?$/.test(typed) ? `https://${typed}` : null;
}
