import { posix } from "node:path";
import { findCircles } from "./find-circles.ts";
import { compositionRoots, domainForAll, domainOrder, mayImport, programs, protocolEdges } from "./layers.ts";
import { type Import, packageOf, readImports, type SourceFile, withoutComments } from "./read-imports.ts";

export type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** Manifests by workspace folder; the root's is ''. */
export type Manifests = Readonly<Record<string, Manifest>>;

type Edge = Import & { readonly from: string; readonly to: string };

/** Checks the rules of ARCHITECTURE.md on these files and returns one sentence for each that is broken. */
export function checkImports(files: readonly SourceFile[], manifests: Manifests): readonly string[] {
  const paths = new Set(files.map((file) => file.path));
  const problems: string[] = [];
  const edges: Edge[] = [];
  for (const file of files) {
    if (readsEnvironment(file)) problems.push(`${file.path} reads process.env, which only config/ does`);
    for (const found of readImports(file.text)) {
      const target = resolve(file.path, found.specifier, paths);
      if (target !== undefined) edges.push({ ...found, from: file.path, to: target });
      else if (found.specifier.startsWith(".")) continue;
      else problems.push(...checkPackage(file.path, found, manifests));
    }
  }
  for (const edge of edges) {
    const broken = isTest(edge.from) ? undefined : checkEdge(edge);
    if (broken) problems.push(`${edge.from} imports ${edge.to}: ${broken}`);
  }
  const ours = edges.filter((edge) => !isTest(edge.from));
  for (const circle of findCircles(ours)) problems.push(`a circle of imports: ${circle.join(", ")}`);
  return [...new Set(problems)].sort();
}

function resolve(from: string, specifier: string, paths: ReadonlySet<string>): string | undefined {
  const base = specifier.startsWith("@bouquet/contract/")
    ? `contract/src/${specifier.slice("@bouquet/contract/".length)}`
    : specifier.startsWith(".")
      ? posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ""))
      : undefined;
  if (base === undefined) return undefined;
  return [base, `${base}.ts`, `${base}.tsx`].find((candidate) => paths.has(candidate));
}

/** Tests see what they test from all sides; only their packages are checked. */
function isTest(path: string): boolean {
  return /\.(test|contract)\.tsx?$/.test(path) || /^(server\/test|web\/test|e2e|bench|scripts)\//.test(path);
}

function readsEnvironment({ path, text }: SourceFile): boolean {
  if (!path.startsWith("server/src/") || isTest(path) || path.startsWith("server/src/config/")) return false;
  if ((programs as readonly string[]).includes(path)) return false;
  const code = withoutComments(text);
  return (
    /\bprocess\s*(\.\s*env\b|\[\s*["']env["'])/.test(code) ||
    /import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*["'](node:)?process["']/.test(code)
  );
}

function checkPackage(from: string, { specifier, typeOnly }: Import, manifests: Manifests): readonly string[] {
  if (specifier.startsWith("node:")) return [];
  if (/^[a-z]+:/.test(specifier) || specifier.startsWith("/")) return [];
  const name = packageOf(specifier);
  const workspace = /^(contract|server|web)\//.exec(from)?.[1] ?? "";
  const own = manifests[workspace] ?? {};
  const root = manifests[""] ?? {};
  const atRunTime = { ...own.dependencies, ...own.optionalDependencies };
  const atWork = { ...atRunTime, ...own.devDependencies, ...root.dependencies, ...root.devDependencies };
  const shipped = /^(contract|server|web)\/src\//.test(from) && !isTest(from) && !typeOnly;
  if (Object.hasOwn(shipped ? atRunTime : atWork, name)) return [];
  const where = workspace === "" ? "package.json" : `${workspace}/package.json`;
  return [`${from} imports ${name}, which ${where} does not declare${shipped ? " in its dependencies" : ""}`];
}

type Place = { readonly layer: string; readonly part: string };

/** The layer of a file of server/src and the part within it: the area, the protocol, the codec. */
function placeOf(path: string): Place {
  if ((programs as readonly string[]).includes(path)) return { layer: "programs", part: path };
  const [layer = "", part = ""] = path.slice("server/src/".length).split("/");
  return { layer, part };
}

function checkEdge({ from, to, typeOnly }: Edge): string | undefined {
  if (from.startsWith("contract/"))
    return to.startsWith("contract/") ? undefined : "the contract imports nothing of ours";
  if (from.startsWith("web/")) {
    return to.startsWith("web/") || to.startsWith("contract/") ? undefined : "the web imports only the contract";
  }
  if (!from.startsWith("server/src/")) return undefined;
  const here = placeOf(from);
  if ((compositionRoots as readonly string[]).includes(here.layer))
    return to.startsWith("server/src/") || to.startsWith("contract/")
      ? undefined
      : "tests and tools are no part of the program";
  if (isTest(to)) return "tests and tools are no part of the program";
  if (to.startsWith("contract/")) return allowed(here, "contract");
  if (!to.startsWith("server/src/")) return `${to.split("/")[0]} is another workspace`;
  const there = placeOf(to);
  if (here.layer !== there.layer) {
    if (typeOnly && mayImport[here.layer]?.includes(`${there.layer} (types)`)) return undefined;
    return allowed(here, there.layer);
  }
  return checkWithin(here, there);
}

function allowed(here: Place, layer: string): string | undefined {
  const list = mayImport[here.layer];
  if (!list) return `${here.layer} is no layer of ARCHITECTURE.md`;
  return list.includes(layer) ? undefined : `${here.layer} may not import ${layer}`;
}

function checkWithin(here: Place, there: Place): string | undefined {
  if (here.part === there.part) return undefined;
  if (here.layer === "formats") return "a codec imports no other codec";
  if (here.layer === "protocols") {
    if (there.part === "shared") return undefined;
    if (here.part === "shared") return "what protocols share knows none of them";
    const named = protocolEdges.some(([one, other]) => one === here.part && other === there.part);
    return named ? undefined : "a protocol imports no other protocol";
  }
  return here.layer === "domain" ? checkAreas(here.part, there.part) : undefined;
}

function checkAreas(here: string, there: string): string | undefined {
  const forAll = domainForAll as readonly string[];
  if (forAll.includes(there))
    return forAll.includes(here) && here !== "events" ? "errors stand before everything" : undefined;
  if (forAll.includes(here)) return `${here} is for all areas and imports none`;
  const order = domainOrder as readonly string[];
  if (!order.includes(here)) return `${here} is no area of the domain`;
  if (!order.includes(there)) return `${there} is no area of the domain`;
  return order.indexOf(there) < order.indexOf(here) ? undefined : `${there} comes after ${here} in the order of areas`;
}
