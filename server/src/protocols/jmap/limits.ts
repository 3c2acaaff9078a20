import type { CoreCapability } from "@bouquet/contract/jmap.ts";

export interface JmapLimits extends Omit<CoreCapability, "collationAlgorithms"> {
  /** Octets of text of one body value; longer ones are truncated, and can be downloaded. */
  readonly maxBodyValueBytes: number;
  /** Octets of text of all body values of one Email/get. */
  readonly maxBodyValuesBytes: number;
  /** Nested arrays and objects of a request, and of a filter. */
  readonly maxDepth: number;
  /** Values of a request, those that result references bring in included. */
  readonly maxValues: number;
}

/** @param messageSizeLimit largest message the server takes, in octets */
export function createLimits(messageSizeLimit: number): JmapLimits {
  return {
    maxSizeUpload: messageSizeLimit,
    maxConcurrentUpload: 4,
    maxSizeRequest: 10_000_000,
    // Several tabs and programs of one person share it.
    maxConcurrentRequests: 8,
    maxCallsInRequest: 32,
    maxObjectsInGet: 500,
    maxObjectsInSet: 500,
    maxBodyValueBytes: 1_048_576,
    maxBodyValuesBytes: 8_388_608,
    maxDepth: 64,
    maxValues: 200_000,
  };
}
