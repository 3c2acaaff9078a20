import type { Readable } from "node:stream";
import type { PropertyChange, PropertyRequest } from "../../formats/dav-xml/read-property-requests.ts";
import type { SearchQuery } from "../../formats/dav-xml/read-search.ts";
import type { Depth } from "../../formats/dav-xml/request-headers.ts";
import type { XmlElement } from "../../formats/dav-xml/xml-element.ts";
import type { XmlName } from "../../formats/dav-xml/xml-names.ts";
import type { PropertyReader } from "./property-table.ts";

/** Something that a URL of a tree leads to. A tree adds what it needs to find again what this is. */
export interface DavResource {
  /** From the root of its tree, decoded; none for the root itself. */
  readonly names: readonly string[];
  readonly isCollection: boolean;
  /** Quoted. */
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** What the Allow header may name. */
export type DavMethodName =
  | "OPTIONS"
  | "GET"
  | "HEAD"
  | "PUT"
  | "DELETE"
  | "PROPFIND"
  | "PROPPATCH"
  | "MKCOL"
  | "COPY"
  | "MOVE"
  | "LOCK"
  | "UNLOCK"
  | "REPORT"
  | "SEARCH"
  | "POST";

/** Headers of an answer, lower-case. */
export type AnswerHeaders = Readonly<Record<string, string | number>>;

/** What a write has made. */
export interface DavWritten {
  /** 201 instead of 204. */
  readonly isNew: boolean;
  readonly headers?: AnswerHeaders;
}

export interface DavUpload {
  /** Bytes; undefined when the client does not say it. */
  readonly size: number | undefined;
  readonly contentType: string | undefined;
  /** X-OC-Mtime. */
  readonly modifiedAt: Date | undefined;
  readonly createdAt: Date | undefined;
  /** The request has a condition on what is there: nothing may come between. */
  readonly isConditional: boolean;
  /** OC-Checksum, as it was sent. */
  readonly checksum: string | undefined;
  /** Other headers, for what one tree only understands. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Bytes to send. `headers` come beside what the pipeline knows: length, ranges, validators, and what keeps it from being a page. */
export interface DavContent {
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  /** All of it, when it is small. */
  readonly bytes?: Buffer | undefined;
  open(range?: { start: number; end: number }): Readable;
  /** The same in memory that is used again, which large files are sent from: a piece is the reader's until it asks for the next. */
  lend?: ((range?: { start: number; end: number }) => AsyncIterable<Uint8Array>) | undefined;
  readonly headers?: AnswerHeaders;
}

/** Where a COPY or a MOVE goes: perhaps to another tree. */
export interface DavDestination {
  readonly tree: DavTree;
  readonly names: readonly string[];
  readonly existing: DavResource | undefined;
  readonly overwrite: boolean;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A lock as RFC 4918 section 6 describes it. */
export interface DavLock {
  /** A URI. */
  readonly token: string;
  readonly scope: "exclusive" | "shared";
  readonly isDeep: boolean;
  /** What the client called its owner: an owner element as XML that stands by itself. */
  readonly ownerXml: string | undefined;
  /** Of the resource that was locked. */
  readonly rootNames: readonly string[];
  /** Null: until it is taken away. */
  readonly expiresAt: Date | null;
}

export interface LockRequest {
  readonly scope: "exclusive" | "shared";
  readonly isDeep: boolean;
  readonly ownerXml: string | undefined;
  /** Seconds; Infinity is asked for as such. The tree decides. */
  readonly timeoutSeconds: number | undefined;
}

export interface DavLocks {
  /** Those that cover a path, mapped or not: on it, or deep ones above it. */
  covering(names: readonly string[], resource: DavResource | undefined): Promise<readonly DavLock[]>;
  /** On what has no resource yet, makes an empty one (RFC 4918 section 9.10.4). */
  acquire(
    names: readonly string[],
    resource: DavResource | undefined,
    request: LockRequest,
  ): Promise<{ lock: DavLock; isNew: boolean }>;
  refresh(resource: DavResource, token: string, timeoutSeconds: number | undefined): Promise<DavLock>;
  /** @throws DavError `lock-token-matches-request-uri` */
  release(resource: DavResource, token: string): Promise<void>;
  /**
   * A person, or a program for them, locks or unlocks a file by hand (Nextcloud's files_lock).
   * @returns whether it is so now, which somebody else's lock prevents, and the XML of the properties that tell the lock
   */
  setByHand?(
    resource: DavResource,
    isLocked: boolean,
    kind: "user" | "dav",
  ): Promise<{ isDone: boolean; properties: string }>;
}

/** One answer of a REPORT or a SEARCH. */
export interface DavMatch {
  readonly names: readonly string[];
  /** Undefined: gone, or refused with `error`. */
  readonly resource: DavResource | undefined;
  readonly status?: 403 | 404 | 507;
  /** Inner XML of the error element. */
  readonly error?: string;
}

export interface DavReport {
  readonly matches: Iterable<DavMatch> | AsyncIterable<DavMatch>;
  readonly request: PropertyRequest;
  /** XML after the responses, such as a sync-token. */
  readonly closing?: () => string;
}

/**
 * A tree of resources under one URL, opened for one request. Absent methods answer 405 (403 where the protocol says so). Errors are
 * those of the domain, or DavError. The pipeline has evaluated conditions and the If header before it calls; locks, rights and
 * quotas are the domain's. Names are decoded, never `.`, `..`, empty, nor do they hold slashes or controls.
 */
export interface DavTree<R extends DavResource = DavResource> {
  /** URL path of the root, percent-encoded, without a slash at its end. */
  readonly root: string;
  /** The same of trees that show the same at several addresses. */
  readonly space?: object;
  /** Value of the DAV header. */
  readonly compliance: string;
  allow(resource: R | undefined): readonly DavMethodName[];
  find(names: readonly string[]): Promise<R | undefined>;
  children(collection: R): Promise<readonly R[]>;
  /** All beneath, for Depth: infinity; without it that depth is refused. */
  walk?(collection: R): AsyncIterable<R>;
  /** Reads what a whole batch needs in a few queries. */
  readProperties(resources: readonly R[], request: PropertyRequest): Promise<PropertyReader<R>>;
  /** All or nothing. @returns for each property its status; 424 for those that fail because of another */
  patchProperties?(resource: R, changes: readonly PropertyChange[]): Promise<ReadonlyMap<XmlName, PropertyStatus>>;
  open?(resource: R): Promise<DavContent>;
  /** Before a byte of the body is read. */
  checkPut?(names: readonly string[], existing: R | undefined, upload: DavUpload): Promise<void>;
  put?(
    names: readonly string[],
    existing: R | undefined,
    upload: DavUpload,
    body: AsyncIterable<Uint8Array>,
  ): Promise<DavWritten>;
  makeCollection?(
    names: readonly string[],
    properties: readonly PropertyChange[],
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<DavWritten>;
  remove?(resource: R): Promise<AnswerHeaders | undefined>;
  move?(source: R, destination: DavDestination): Promise<DavWritten>;
  copy?(source: R, destination: DavDestination, depth: Depth): Promise<DavWritten>;
  readonly locks?: DavLocks;
  report?(resource: R, root: XmlElement, depth: Depth): Promise<DavReport>;
  /** RFC 5323, beneath a collection. */
  search?(scope: R, query: SearchQuery): Promise<DavReport>;
}

export interface PropertyStatus {
  readonly status: 200 | 403 | 404 | 409 | 422 | 424;
  /** Inner XML of the error element, such as `<d:cannot-modify-protected-property/>`. */
  readonly error?: string;
}
