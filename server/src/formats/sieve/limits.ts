/** What one script, and one run of it, may use. */
export interface SieveLimits {
  /** UTF-8 octets. */
  readonly maxScriptBytes: number;
  /** Commands and tests run, and the work of matching, in units of about a microsecond. */
  readonly maxSteps: number;
  /** The same for one comparison, which holds the event loop. */
  readonly maxStepsOfMatch: number;
  readonly maxActions: number;
  readonly maxRedirects: number;
  readonly maxNotifications: number;
  readonly maxIncludeDepth: number;
  readonly maxIncludedScripts: number;
  readonly maxVariables: number;
  /** UTF-16 units; longer values are cut (RFC 5229 section 6 asks for 4,000 octets at least). */
  readonly maxVariableLength: number;
  readonly maxHeaderEdits: number;
}

export const defaultSieveLimits: SieveLimits = {
  maxScriptBytes: 256 * 1024,
  maxSteps: 500_000,
  maxStepsOfMatch: 100_000,
  maxActions: 32,
  maxRedirects: 5,
  maxNotifications: 5,
  maxIncludeDepth: 10,
  maxIncludedScripts: 50,
  maxVariables: 500,
  maxVariableLength: 8_192,
  maxHeaderEdits: 100,
};
