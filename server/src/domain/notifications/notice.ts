/** What a person may be told of, until they have seen it. Each protocol finds its own words. */
export type Notice =
  | {
      readonly topic: "share_received";
      readonly data: {
        readonly fileId: number;
        readonly name: string;
        readonly kind: "file" | "folder";
        readonly byUid: string;
        readonly byName: string;
      };
    }
  | {
      readonly topic: "device_paused";
      /** `person` is whose device it is, for somebody else. */
      readonly data: {
        readonly device: string;
        readonly changed: number;
        readonly total: number;
        readonly person?: string;
      };
    }
  | {
      readonly topic: "link_ending";
      readonly data: { readonly fileId: number; readonly name: string; readonly expiresAt: string };
    }
  | { readonly topic: "device_wiped"; readonly data: { readonly device: string } }
  | {
      readonly topic: "file_received";
      readonly data: {
        readonly fileId: number;
        readonly name: string;
        readonly folder: string;
        readonly sender: string;
      };
    }
  | {
      readonly topic: "comment";
      readonly data: {
        readonly fileId: number;
        readonly name: string;
        readonly byUid: string;
        readonly byName: string;
        readonly text: string;
      };
    };

export const topics: readonly Notice["topic"][] = [
  "share_received",
  "device_paused",
  "link_ending",
  "device_wiped",
  "file_received",
  "comment",
];
