import "./shell.css";
import { Menu as MenuIcon } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-aria-components";
import { useUiText } from "../i18n/ui.ts";
import { IconButton } from "./button.tsx";
import { cx } from "./cx.ts";
import { Drawer } from "./dialog.tsx";
import { Icon, type LucideIcon } from "./icon.tsx";
import { Mark, Sign } from "./sign.tsx";

export interface RailItem {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly href: string;
  readonly isCurrent: boolean;
  /** Shows a dot; the text is what it means, for screen readers. */
  readonly news?: string;
}

interface RailProps {
  readonly homeHref: string;
  readonly items: readonly RailItem[];
  /** The face that opens the account menu, at the foot of the rail. */
  readonly account: ReactNode;
  /** The same menu as a tab of the bottom bar, on phones. */
  readonly accountTab: ReactNode;
}

/** The deep-green spine: 80 px at the left, a bar of at most five at the bottom of phones. */
export function Rail({ homeHref, items, account, accountTab }: RailProps) {
  const t = useUiText();
  return (
    <nav className="rail" aria-label={t.services}>
      <a className="sign" href={homeHref} aria-label={t.homeOf}>
        <Sign />
      </a>
      {items.map((item) => (
        <Link key={item.id} className="tab" href={item.href} aria-current={item.isCurrent ? "page" : undefined}>
          <Icon of={item.icon} />
          {item.label}
          {item.news && (
            <>
              <span className="dot" />
              <span className="vh">, {item.news}</span>
            </>
          )}
        </Link>
      ))}
      {accountTab}
      {account}
    </nav>
  );
}

interface AppShellProps {
  readonly rail: ReactNode;
  /** Banners under the head: offline, errors. */
  readonly banners?: ReactNode;
  readonly children: ReactNode;
}

/** Rail and work. `children` is a `Head` (optional) followed by `Columns` or a `.page`. */
export function AppShell({ rail, banners, children }: AppShellProps) {
  const t = useUiText();
  return (
    <div className="app">
      <a className="skip" href="#content">
        {t.skip}
      </a>
      {rail}
      <main className="work" id="content" tabIndex={-1}>
        {children}
        <div className="banners">{banners}</div>
      </main>
    </div>
  );
}

interface WorkspaceProps {
  /** Search, or a title. */
  readonly head: ReactNode;
  /** Global actions at the right of the head. */
  readonly actions?: ReactNode;
  /** Content of the navigation column: links, headings, `.foot`. Also the drawer's. */
  readonly nav?: ReactNode;
  readonly navLabel?: string;
  readonly children: ReactNode;
}

/**
 * The usual work area: head, navigation column, then the sheets. Under 980 px the column becomes a drawer that a button of
 * the head opens.
 */
export function Workspace({ head, actions, nav, navLabel, children }: WorkspaceProps) {
  const t = useUiText();
  const [drawer, setDrawer] = useState(false);
  const label = navLabel ?? t.navigation;
  return (
    <>
      <div className="head">
        {nav && (
          <span className="to-nav">
            <IconButton label={t.openNavigation} icon={MenuIcon} onPress={() => setDrawer(true)} />
          </span>
        )}
        {head}
        {actions && <div className="acts">{actions}</div>}
      </div>
      <div className={cx("cols", !nav && "no-nav")}>
        {nav && (
          <div className="nav-col">
            <nav className="nav" aria-label={label}>
              {nav}
            </nav>
          </div>
        )}
        {children}
      </div>
      {nav && (
        <Drawer isOpen={drawer} onClose={() => setDrawer(false)} label={label} head={<Mark />}>
          <nav className="nav" aria-label={label}>
            {nav}
          </nav>
        </Drawer>
      )}
    </>
  );
}
