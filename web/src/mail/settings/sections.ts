import { Forward, type LucideIcon, Palmtree, ShieldAlert, SlidersHorizontal, UsersRound } from "lucide-react";

export const sections = ["filters", "absence", "forward", "senders", "quarantine"] as const;
export type Section = (typeof sections)[number];

export const sectionIcons: Record<Section, LucideIcon> = {
  filters: SlidersHorizontal,
  absence: Palmtree,
  forward: Forward,
  senders: UsersRound,
  quarantine: ShieldAlert,
};

export function readSection(text: string | undefined): Section {
  return sections.find((each) => each === text) ?? "filters";
}

/** Search parameters of the settings: whose mailbox, when it is not one's own. */
export interface SettingsSearch {
  readonly account?: string;
}

export function readSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  return typeof search.account === "string" && search.account !== "" ? { account: search.account } : {};
}
