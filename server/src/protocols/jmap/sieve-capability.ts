import type { SieveAccountCapability } from "@bouquet/contract/jmap.ts";
import { scriptQuota } from "../../domain/mail/filters/sieve-script.ts";
import { sieveCapabilities } from "../../formats/sieve/capabilities.ts";
import { defaultSieveLimits } from "../../formats/sieve/limits.ts";

/** RFC 9661 section 1.3.1. */
export const sieveAccountCapability: SieveAccountCapability = {
  maxSizeScriptName: 512,
  maxSizeScript: scriptQuota.bytesOfOne,
  maxNumberScripts: scriptQuota.scripts,
  maxNumberRedirects: defaultSieveLimits.maxRedirects,
  sieveExtensions: [...sieveCapabilities],
  notificationMethods: ["mailto"],
  externalLists: null,
};
