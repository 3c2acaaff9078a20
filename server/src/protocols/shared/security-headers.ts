import { isSecure, type ServiceName, type ServiceSettings } from "./service-settings.ts";

/**
 * Headers of every answer of a service. Scripts come from our own files only; styles may be inline because react-aria and the
 * editor set them, and because a mail has its own: it is shown in a sandboxed frame that inherits this policy, without scripts.
 */
export function securityHeaders(
  service: ServiceName,
  settings: Pick<ServiceSettings, "origins">,
): Readonly<Record<string, string>> {
  const policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self'",
    // Remote images of a mail are removed until the person asks for them; then they come over https.
    "img-src": service === "mail" ? "'self' data: blob: https:" : "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "frame-src": service === "mail" ? "'self' blob: data:" : "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([directive, value]) => `${directive} ${value}`)
      .join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    // Not no-referrer: that would also make the Origin of a form null.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ...(isSecure(settings) && { "strict-transport-security": "max-age=31536000" }),
  };
}
