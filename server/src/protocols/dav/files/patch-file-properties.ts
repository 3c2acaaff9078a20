import type { NewFolder } from "../../../domain/drive/create-folder.ts";
import { setFavorite } from "../../../domain/drive/favorites/set-favorite.ts";
import type { DriveAccess, DriveDeps } from "../../../domain/drive/model.ts";
import { changeProperties } from "../../../domain/drive/properties/change-properties.ts";
import type { NodeProperty } from "../../../domain/drive/properties/node-properties.ts";
import type { PropertyChange } from "../../../formats/dav-xml/read-property-requests.ts";
import { parseTime } from "../../../formats/dav-xml/times.ts";
import { serializeElement } from "../../../formats/dav-xml/write-xml.ts";
import { textOf } from "../../../formats/dav-xml/xml-element.ts";
import { dav, nc, oc, splitName, type XmlName } from "../../../formats/dav-xml/xml-names.ts";
import { DavError } from "../dav-error.ts";
import type { PropertyStatus } from "../dav-tree.ts";
import { mayBeDead } from "./file-properties.ts";
import type { FileResource } from "./file-resource.ts";
import type { FileSpace } from "./file-space.ts";

/** What a change of properties comes down to: of several for one name the last decides. */
interface Plan {
  modifiedAt?: Date;
  createdAt?: Date;
  isFavorite?: boolean;
  readonly set: Map<XmlName, NodeProperty>;
  readonly removed: Set<XmlName>;
}

/** @returns undefined when it went into the plan */
type Setter = (plan: Plan, text: string) => PropertyStatus | undefined;

const conflict: PropertyStatus = { status: 409 };
const isProtected: PropertyStatus = { status: 403, error: "<d:cannot-modify-protected-property/>" };
const good: PropertyStatus = { status: 200 };
const dependent: PropertyStatus = { status: 424 };

/** Live properties that a client may set. */
const setters: ReadonlyMap<XmlName, Setter> = new Map<XmlName, Setter>([
  [dav("lastmodified"), setModified],
  // Protected in RFC 4918; Nextcloud's clients and others set it.
  [dav("getlastmodified"), setModified],
  [dav("creationdate"), setCreated],
  [nc("creation_time"), setCreated],
  [
    oc("favorite"),
    (plan, text) => {
      plan.isFavorite = text !== "" && text !== "0" && text.toLowerCase() !== "false";
      return undefined;
    },
  ],
]);

function setModified(plan: Plan, text: string): PropertyStatus | undefined {
  const date = parseTime(text);
  if (!date) return conflict;
  plan.modifiedAt = date;
  return undefined;
}

function setCreated(plan: Plan, text: string): PropertyStatus | undefined {
  const date = parseTime(text);
  if (!date) return conflict;
  plan.createdAt = date;
  return undefined;
}

/** All or nothing (RFC 4918 section 9.2). */
export async function patchFileProperties(
  tree: FileSpace,
  resource: FileResource,
  changes: readonly PropertyChange[],
): Promise<ReadonlyMap<XmlName, PropertyStatus>> {
  const { plan, outcome } = makePlan(changes);
  if ([...outcome.values()].some(({ status }) => status !== 200)) {
    return new Map([...outcome].map(([name, status]) => [name, status.status === 200 ? dependent : status]));
  }
  const { place } = resource;
  if (touchesNode(plan)) await apply(tree.deps, place.access, place.node.id, plan);
  if (plan.isFavorite !== undefined) await setFavorite(tree.deps, tree.drive.viewer, place, plan.isFavorite);
  return outcome;
}

function makePlan(changes: readonly PropertyChange[]): { plan: Plan; outcome: Map<XmlName, PropertyStatus> } {
  const plan: Plan = { set: new Map(), removed: new Set() };
  const outcome = new Map<XmlName, PropertyStatus>();
  for (const change of changes) {
    const status = change.kind === "set" ? planSet(plan, change) : planRemove(plan, change.name);
    if (status || !outcome.has(change.name)) outcome.set(change.name, status ?? good);
  }
  return { plan, outcome };
}

function planSet(plan: Plan, change: PropertyChange & { kind: "set" }): PropertyStatus | undefined {
  const { name, element } = change;
  const setter = setters.get(name);
  if (setter) return setter(plan, textOf(element));
  if (!mayBeDead(name)) return isProtected;
  const { namespace, local } = splitName(name);
  plan.removed.delete(name);
  plan.set.set(name, { namespace, name: local, value: serializeElement(element) });
  return undefined;
}

function planRemove(plan: Plan, name: XmlName): PropertyStatus | undefined {
  if (name === oc("favorite")) {
    plan.isFavorite = false;
    return undefined;
  }
  if (!mayBeDead(name)) return isProtected;
  plan.set.delete(name);
  plan.removed.add(name);
  return undefined;
}

function touchesNode({ set, removed, modifiedAt, createdAt }: Plan): boolean {
  return set.size > 0 || removed.size > 0 || modifiedAt !== undefined || createdAt !== undefined;
}

function apply(deps: DriveDeps, access: DriveAccess, nodeId: string, plan: Plan): Promise<void> {
  return changeProperties(deps, access, nodeId, {
    set: [...plan.set.values()],
    remove: [...plan.removed].map((name) => {
      const { namespace, local } = splitName(name);
      return { namespace, name: local };
    }),
    modifiedAt: plan.modifiedAt,
    createdAt: plan.createdAt,
  });
}

/** The properties of a collection that is not there yet (RFC 5689): judged before it is made. @throws DavError 403, 409 */
export function readNewProperties(
  changes: readonly PropertyChange[],
): Pick<NewFolder, "modifiedAt" | "createdAt"> & { properties: readonly NodeProperty[]; isFavorite: boolean } {
  const { plan, outcome } = makePlan(changes);
  const bad = [...outcome.values()].find(({ status }) => status !== 200);
  if (bad) {
    throw new DavError(bad.status, "A property of the collection cannot be set", {
      ...(bad.error !== undefined && { condition: bad.error }),
    });
  }
  const { modifiedAt, createdAt, isFavorite = false } = plan;
  return { modifiedAt, createdAt, isFavorite, properties: [...plan.set.values()] };
}
