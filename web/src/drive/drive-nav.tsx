import type { Space } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import {
  CirclePause,
  Clock,
  FolderPlus,
  FolderUp,
  Inbox,
  Landmark,
  Plus,
  Share2,
  Trash2,
  Upload,
  UserRound,
  UsersRound,
} from "lucide-react";
import type { ReactElement } from "react";
import { Link } from "react-aria-components";
import { useDriveText } from "../i18n/drive.ts";
import { useDriveRecoveryText } from "../i18n/drive-recovery.ts";
import { useDriveSharingText } from "../i18n/drive-sharing.ts";
import { Button } from "../ui/button.tsx";
import { Icon, type LucideIcon } from "../ui/icon.tsx";
import { QuotaBar } from "../ui/marks.tsx";
import { MenuButton, MenuEntry } from "../ui/menu.tsx";
import { useDrive } from "./drive-context.ts";
import { useSpaces } from "./drive-queries.ts";
import { useDropOnPlace } from "./list/use-drop-on-place.ts";
import { pausesQuery } from "./recovery/recovery-queries.ts";

const icons: Record<Space["ownerKind"], LucideIcon> = {
  person: UserRound,
  group: UsersRound,
  resource: Landmark,
  shared_mailbox: Inbox,
  team_folder: Landmark,
};

/** The navigation column: what to add, the lists, the spaces, and how full the open one is. */
export function DriveNav() {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const recovery = useDriveRecoveryText();
  const { data: pauses } = useQuery(pausesQuery);
  const { spaces, own } = useSpaces();
  const { pathname } = useLocation();
  const shown = spaces.find((space) => pathname === `/folder/${space.rootId}`) ?? own;
  return (
    <>
      <AddMenu
        trigger={
          <Button variant="primary" icon={Plus} className="add">
            {t.add}
          </Button>
        }
      />
      <NavLink href="/recent" icon={Clock} label={t.recent} />
      <NavLink href="/shared" icon={Share2} label={sharing.shared} isCurrent={pathname.startsWith("/shared")} />
      <NavLink href="/trash" icon={Trash2} label={t.trash} />
      {pauses && pauses.pauses.length > 0 && <NavLink href="/pauses" icon={CirclePause} label={recovery.pauses} />}
      <h2>{t.spaces}</h2>
      {spaces.map((space) => (
        <SpaceLink key={space.accountId} space={space} />
      ))}
      {shown && (
        <div className="foot">
          {!shown.isOwn && <p className="small muted clip">{shown.name}</p>}
          <QuotaBar used={shown.usage.used} limit={shown.usage.limit} />
        </div>
      )}
    </>
  );
}

function NavLink({
  href,
  icon,
  label,
  isCurrent,
}: {
  href: string;
  icon: LucideIcon;
  label: string;
  isCurrent?: boolean;
}) {
  const { pathname } = useLocation();
  return (
    <Link href={href} aria-current={(isCurrent ?? pathname === href) ? "page" : undefined}>
      <Icon of={icon} />
      <span className="clip">{label}</span>
    </Link>
  );
}

function SpaceLink({ space }: { space: Space }) {
  const t = useDriveText();
  const { pathname } = useLocation();
  const name = space.isOwn ? t.mine : space.name;
  const drop = useDropOnPlace({ id: space.rootId, name }, space.permissions.canCreate);
  return (
    <div {...drop}>
      <NavLink
        href={space.isOwn ? "/" : `/folder/${space.rootId}`}
        icon={icons[space.ownerKind]}
        label={name}
        isCurrent={pathname === `/folder/${space.rootId}` || (space.isOwn && pathname === "/")}
      />
    </div>
  );
}

/** « Nouveau »: in the folder that is open, else in the person's own space. */
export function AddMenu({ trigger }: { trigger: ReactElement }) {
  const t = useDriveText();
  const { open, choose, openFolder } = useDrive();
  const { own } = useSpaces();
  const target = openFolder ?? (own && { id: own.rootId, canCreate: own.permissions.canCreate });
  const isDisabled = !target?.canCreate;
  const run = (action: (folderId: string) => void) => () => target && action(target.id);
  return (
    <MenuButton trigger={trigger} label={t.add} placement="bottom start">
      <MenuEntry
        icon={FolderPlus}
        isDisabled={isDisabled}
        onAction={run((parentId) => open({ kind: "new-folder", parentId }))}
      >
        {t.newFolder}
      </MenuEntry>
      <MenuEntry icon={Upload} isDisabled={isDisabled} onAction={run((id) => choose(id, "files"))}>
        {t.uploadFiles}
      </MenuEntry>
      <MenuEntry icon={FolderUp} isDisabled={isDisabled} onAction={run((id) => choose(id, "folder"))}>
        {t.uploadFolder}
      </MenuEntry>
    </MenuButton>
  );
}
