import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";

export type NodeField = "name" | "content_type" | "size" | "modified_at" | "created_at" | "file_id" | "uploaded_at";
export type NodeOperator = "eq" | "lt" | "lte" | "gt" | "gte" | "like";

/** What nodes are looked for by. In `like`, `%` and `_` stand for any text and any character; case does not count. */
export type NodeCondition =
  | { readonly kind: "and" | "or"; readonly parts: readonly NodeCondition[] }
  | { readonly kind: "not"; readonly part: NodeCondition }
  | {
      readonly kind: "compare";
      readonly field: NodeField;
      readonly operator: NodeOperator;
      readonly value: string | number | Date;
    }
  | { readonly kind: "is_folder" }
  | { readonly kind: "is_favorite" }
  | { readonly kind: "has_tag"; readonly name: string }
  | { readonly kind: "has_owner"; readonly uid: string }
  | { readonly kind: "always" }
  | { readonly kind: "never" };

export interface NodeOrder {
  readonly field: NodeField;
  readonly isDescending: boolean;
}

export interface NodeSearch {
  readonly viewer: { readonly organizationId: string; readonly principalId: string };
  readonly where: NodeCondition;
  readonly order: readonly NodeOrder[];
}

const columns: Readonly<Record<NodeField, RawBuilder<unknown>>> = {
  name: sql`n.name`,
  content_type: sql`n.content_type`,
  size: sql`n.tree_bytes`,
  modified_at: sql`n.modified_at`,
  created_at: sql`n.created_at`,
  file_id: sql`n.file_id`,
  uploaded_at: sql`coalesce((SELECT v.created_at FROM file_version v WHERE v.organization_id = n.organization_id AND v.id = n.version_id), n.created_at)`,
};

const operators: Readonly<Record<Exclude<NodeOperator, "like">, RawBuilder<unknown>>> = {
  eq: sql`=`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
};

/**
 * Ids of the nodes of an account that are as wanted, the root never; among them some that lie in the trash: whoever asks must
 * climb from each.
 */
export async function searchNodes(
  reader: Reader,
  key: AccountKey,
  search: NodeSearch,
  page: { limit: number; offset: number },
): Promise<string[]> {
  const order = search.order.map(
    ({ field, isDescending }) => sql`${columns[field]} ${isDescending ? sql`DESC` : sql`ASC`}`,
  );
  const { rows } = await sql<{ id: string }>`
    SELECT n.id FROM drive_node n
    WHERE n.organization_id = ${key.organizationId} AND n.account_id = ${key.accountId} AND n.state = 'live'
      AND n.parent_id IS NOT NULL AND ${compile(search, search.where)}
    ORDER BY ${sql.join([...order, sql`n.id`])} LIMIT ${page.limit} OFFSET ${page.offset}`.execute(reader);
  return rows.map((row) => row.id);
}

function compile(search: NodeSearch, condition: NodeCondition): RawBuilder<unknown> {
  switch (condition.kind) {
    case "and":
    case "or": {
      if (condition.parts.length === 0) return condition.kind === "and" ? sql`true` : sql`false`;
      const parts = condition.parts.map((part) => compile(search, part));
      return sql`(${sql.join(parts, condition.kind === "and" ? sql` AND ` : sql` OR `)})`;
    }
    case "not":
      return sql`NOT (${compile(search, condition.part)})`;
    case "is_folder":
      return sql`n.kind = 'folder'`;
    case "is_favorite":
      return sql`EXISTS (SELECT FROM node_favorite f WHERE f.organization_id = ${search.viewer.organizationId}
        AND f.principal_id = ${search.viewer.principalId} AND f.node_organization_id = n.organization_id AND f.node_id = n.id)`;
    case "has_tag":
      return sql`EXISTS (SELECT FROM node_tagging g JOIN node_tag t ON t.organization_id = g.organization_id AND t.number = g.tag_number
        WHERE g.organization_id = n.organization_id AND g.node_id = n.id AND lower(t.name) = lower(${condition.name}))`;
    case "has_owner":
      return sql`EXISTS (SELECT FROM account a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
        WHERE a.organization_id = n.organization_id AND a.id = n.account_id AND p.uid = ${condition.uid})`;
    case "always":
      return sql`true`;
    case "never":
      return sql`false`;
    case "compare":
      return compare(condition);
  }
}

function compare({ field, operator, value }: NodeCondition & { kind: "compare" }): RawBuilder<unknown> {
  if (operator !== "like") {
    const isText = field === "name" || field === "content_type";
    if (isText && operator === "eq") return sql`lower(${columns[field]}) = lower(${String(value)})`;
    return sql`${columns[field]} ${operators[operator]} ${value}`;
  }
  const pattern = String(value).replaceAll("\\", "\\\\");
  // As the web's search compares: by the index of names, without accents.
  if (field === "name") return sql`search_form(n.name) LIKE search_form(${pattern})`;
  return sql`${columns[field]}::text ILIKE ${pattern}`;
}
