import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { Place } from "../drive-place.ts";
import type { Comment } from "./comment.ts";

interface Row {
  number: number;
  text: string;
  created_at: Date;
  author_organization_id: string;
  author_id: string;
  uid: string;
  display_name: string;
}

const most = 1_000;

/** The comments on a node, newest first; at most 1000. */
export async function listComments(
  reader: Reader,
  place: Pick<Place, "node">,
  page: { limit?: number | undefined; offset?: number | undefined; before?: Date | undefined } = {},
): Promise<Comment[]> {
  const { limit = most, offset = 0, before } = page;
  const { rows } = await sql<Row>`
    SELECT c.number, c.text, c.created_at, c.author_organization_id, c.author_id, p.uid, p.display_name FROM node_comment c
    JOIN principal p ON p.organization_id = c.author_organization_id AND p.id = c.author_id
    WHERE c.organization_id = ${place.node.organization_id} AND c.node_id = ${place.node.id}
      AND ${before === undefined ? sql`true` : sql`c.created_at <= ${before}`}
    ORDER BY c.number DESC LIMIT ${Math.min(most, Math.max(1, limit))} OFFSET ${Math.max(0, offset)}`.execute(reader);
  return rows.map(toComment);
}

/** @throws DomainError `not_found` */
export async function readComment(reader: Reader, place: Pick<Place, "node">, number: number): Promise<Comment> {
  const { rows } = Number.isSafeInteger(number)
    ? await sql<Row>`
        SELECT c.number, c.text, c.created_at, c.author_organization_id, c.author_id, p.uid, p.display_name FROM node_comment c
        JOIN principal p ON p.organization_id = c.author_organization_id AND p.id = c.author_id
        WHERE c.organization_id = ${place.node.organization_id} AND c.node_id = ${place.node.id} AND c.number = ${number}`.execute(
        reader,
      )
    : { rows: [] };
  if (!rows[0]) throw new DomainError("not_found", "There is no such comment");
  return toComment(rows[0]);
}

function toComment(row: Row): Comment {
  return {
    number: row.number,
    text: row.text,
    createdAt: row.created_at,
    author: {
      organizationId: row.author_organization_id,
      principalId: row.author_id,
      uid: row.uid,
      displayName: row.display_name,
    },
  };
}
