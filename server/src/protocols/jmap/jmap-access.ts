/** Who may come: browsers with a session of the service, programs with an app password for mail. */
export const jmapAccess = { access: "session", clientScope: "imap" } as const;
