/** What the table of rights is not about, and why: every other address that something answers has to be in it. */
export const beside: Readonly<Record<string, readonly string[]>> = {
  "tells nothing of anybody": [
    "* /status.php",
    "GET /ocs/v2.php/cloud/capabilities",
    "GET /ocs/v2.php/core/navigation/apps",
    "GET /ocs/v2.php/core/navigation/settings",
    "GET /ocs/v2.php/search/providers",
    "GET /ocs/v2.php/apps/activity/api/v2/activity/filters",
    "GET /index.php/204",
    "GET /index.php/apps/theming/image/logo",
    "GET /index.php/core/img/filetypes/{name}",
    "GET /index.php",
    "GET /index.php/apps/files",
    "GET /index.php/apps/files/files",
    "GET /index.php/s/{token}",
    "* /.well-known/caldav",
    "* /.well-known/carddav",
    "* /.well-known/webfinger",
    "* /.well-known/nodeinfo",
    "* //mta-sts.*/.well-known/mta-sts.txt",
    "GET /s/:token",
    "GET /s/:token/*",
  ],
  "gives a program its credentials, after somebody signed in": [
    "POST /index.php/login/v2",
    "POST /index.php/login/v2/poll",
    "GET /index.php/login/v2/flow/{token}",
    "GET /index.php/login/flow",
    "POST /index.php/core/wipe/check",
    "POST /index.php/core/wipe/success",
    "POST /index.php/apps/notify_push/pre_auth",
    "GET /ocs/v2.php/core/getapppassword",
    "DELETE /ocs/v2.php/core/apppassword",
    "POST /ocs/v2.php/core/apppassword/rotate",
  ],
  "is about people, as their directory shows them to each other, or about oneself": [
    "GET /ocs/v2.php/cloud/user",
    "GET /ocs/v2.php/cloud/user/fields",
    "GET /ocs/v2.php/cloud/users/{uid}",
    "GET /ocs/v2.php/cloud/users/{uid}/groups",
    "GET /index.php/avatar/{uid}/{size}",
    "GET /index.php/avatar/{uid}/{size}/dark",
    "GET /index.php/avatar/guest/{uid}/{size}",
    "GET /index.php/avatar/guest/{uid}/{size}/dark",
    "GET /ocs/v2.php/apps/files_sharing/api/v1/sharees",
    "GET /ocs/v2.php/apps/files_sharing/api/v1/sharees_recommended",
    "GET /api/drive/sharees",
    "PROPFIND /remote.php/dav",
  ],
  "has only what was put there for oneself": [
    "GET /ocs/v2.php/apps/files_sharing/api/v1/shares/pending",
    "GET /ocs/v2.php/apps/files_sharing/api/v1/remote_shares",
    "GET /ocs/v2.php/apps/files_sharing/api/v1/remote_shares/pending",
    "GET /ocs/v2.php/apps/files_sharing/api/v1/deletedshares",
  ],
  "has tags of the organization, for its people": [
    "PROPFIND /remote.php/dav/systemtags",
    "POST /remote.php/dav/systemtags",
  ],
  "hands over to what is listed by itself": [
    "* /ocs/v1.php/**",
    "* /ocs/v2.php/**",
    "* /index.php/**",
    "* /remote.php/direct/**",
    "* /public.php/webdav/**",
    "* /public.php/dav/**",
    "* /remote.php/dav/comments/**",
    "* /remote.php/dav/systemtags/**",
    "* /remote.php/dav/systemtags-relations/**",
    "* /remote.php/dav/**",
    "* /remote.php/webdav/**",
    "* /dav/**",
    "* /jmap/**",
    "* /.well-known/jmap",
  ],
};

/** Prefixes of what is about oneself alone, whoever one is. */
export const personal =
  /^\w+ \/ocs\/v2\.php\/apps\/(user_status|notifications)\/|^\* \/\/(port|mail|drive)[^/]*\/\*\*$|^\w+ \/(api\/(session|sign-out|events|operator)|auth\/callback|sign-in|operator|\*)/;

/** The same by another address. */
export function canonical(route: string): string {
  return route
    .replace(/ \/dav(?=\/|$)(?!\/(bulk|\*\*))/, " /remote.php/dav")
    .replace(/ \/remote\.php\/webdav$/, " /remote.php/dav/files/*");
}
