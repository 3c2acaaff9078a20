/**
 * Headers of whatever somebody uploaded: it runs no script and is of no origin (CSP Level 3 section 6.3), and is nothing else than
 * what we say.
 */
export const uploadedContentPolicy = {
  "content-security-policy": "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;
