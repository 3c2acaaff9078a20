export interface MatchedRoute<Route> {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

export type RouteMatcher<Route> = (
  method: string,
  path: string,
) => MatchedRoute<Route> | "nothing" | "malformed" | { readonly allow: readonly string[] };

/**
 * Finds routes by a path as it came: `{name}` in theirs is one segment, given decoded, and `{name*}` at their end all that follow. An
 * exact path wins.
 */
export function createRouteMatcher<Route extends { readonly method: string; readonly path: string }>(
  routes: readonly Route[],
): RouteMatcher<Route> {
  const exact = new Map<string, Route[]>();
  const named = new Map<number, { segments: string[]; route: Route }[]>();
  const open: { segments: string[]; route: Route }[] = [];
  for (const route of routes) {
    const segments = route.path.split("/");
    if (!route.path.includes("{")) exact.set(route.path, [...(exact.get(route.path) ?? []), route]);
    else if (segments.at(-1)!.endsWith("*}")) open.push({ segments, route });
    else named.set(segments.length, [...(named.get(segments.length) ?? []), { segments, route }]);
  }
  return (method, path) => {
    const wanted = method === "HEAD" ? "GET" : method;
    const bare = path.replace(/\/$/, "");
    const candidates: MatchedRoute<Route>[] = (exact.get(bare) ?? []).map((route) => ({ route, path: {} }));
    const given = bare.split("/");
    const tails = open.filter(({ segments }) => segments.length <= given.length);
    for (const { segments, route } of [...(named.get(given.length) ?? []), ...tails]) {
      const found: Record<string, string> = {};
      let matches = true;
      for (const [at, segment] of segments.entries()) {
        const [, name, isTail] = /^\{(\w+)(\*?)\}$/.exec(segment) ?? [];
        const text = isTail ? given.slice(at).join("/") : given[at]!;
        if (name === undefined) matches &&= segment === text;
        else if (text === "") matches = false;
        else {
          const decoded = decode(text);
          if (decoded === undefined) return "malformed";
          found[name] = decoded;
        }
      }
      if (matches) candidates.push({ route, path: found });
    }
    if (candidates.length === 0) return "nothing";
    return (
      candidates.find(({ route }) => route.method === wanted) ?? {
        allow: [...new Set(candidates.map(({ route }) => route.method))],
      }
    );
  };
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded.includes("\0") ? undefined : decoded;
  } catch {
    return undefined;
  }
}
