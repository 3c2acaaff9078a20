import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { PreviewKind } from "../../domain/drive/previews/preview-kind.ts";
import type { PreviewOrder, PreviewRenderer } from "../../domain/drive/previews/preview-renderer.ts";
import { bitmapReaders } from "./bitmap-readers.ts";
import { collectPictures } from "./collect-pictures.ts";
import { copySource } from "./copy-source.ts";
import { heifPixels } from "./heif-pixels.ts";
import { homeOf, type Isolation, openIsolation, type WorkFolder } from "./isolation.ts";
import { officeFilters, officeProfile } from "./office-filters.ts";
import { PreviewFailure } from "./preview-failure.ts";
import { runProgram } from "./run-program.ts";

export interface PreviewPrograms {
  /** Absolute paths; undefined: not installed, or not wanted. */
  readonly ffmpeg?: string | undefined;
  readonly pdftoppm?: string | undefined;
  readonly soffice?: string | undefined;
  readonly heifConvert?: string | undefined;
}

export interface PreviewRendererOptions {
  readonly programs: PreviewPrograms;
  /** Where each file is drawn, in a folder of its own; made when it is missing. */
  readonly workDirectory: string;
  /** Folders that no program may see: the data directory, above all. */
  readonly hidden: readonly string[];
  /** Where programs are looked for, as PATH is written. */
  readonly searched: string;
  /** Told once, at the first drawing. */
  readonly onIsolation?: (isWhole: boolean) => void;
  /** Of a program: 20 s, 30 s for documents. */
  readonly timeoutMs?: number;
  /** Of each process, in bytes. */
  readonly memory?: number;
  readonly mostPixels?: number;
}

const defaultMemory = 1.5 * 2 ** 30;
/** A photograph of the largest telephones has 200 million. */
const defaultMostPixels = 220e6;
const textBytes = 16 * 1_024;
const largestOutput = 200e6;

/** Lists of parts elsewhere (HLS, DASH, concat) are not among them: they would name any file or address. */
const mediaFormats =
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,mp3,wav,flac,aac,mpegts,mpeg,mpegvideo,asf,flv,aiff,amr";

/** Draws in processes of its own, each in a folder that is thrown away, with limits, and apart from the network and from other files where the system permits. */
export function createPreviewRenderer(options: PreviewRendererOptions): PreviewRenderer {
  const { programs, timeoutMs, memory = defaultMemory, mostPixels = defaultMostPixels } = options;
  const workDirectory = resolve(options.workDirectory);
  const script = resolve(import.meta.dirname, "render-image.ts");
  let isolation: Promise<Isolation> | undefined;

  async function begin<T>(work: (folder: WorkFolder) => Promise<T>): Promise<T> {
    await removeLeftovers(workDirectory);
    return inFolder(workDirectory, work);
  }

  function isolate(): Promise<Isolation> {
    isolation ??= begin(async (folder) => {
      const found = await openIsolation(
        {
          shown: shownFolders(programs),
          hidden: options.hidden.map((path) => resolve(path)),
          searched: options.searched,
        },
        folder,
      );
      options.onIsolation?.(found.isWhole);
      return found;
    });
    isolation.catch(() => {
      isolation = undefined;
    });
    return isolation;
  }

  function tools(confinement: Isolation, folder: WorkFolder, signal: AbortSignal) {
    const home = confinement.inside(folder);
    const run = (program: string, args: readonly string[], seconds = 20) =>
      runProgram(confinement, folder, {
        program,
        args,
        limits: { seconds: seconds * 2, memory, fileSize: largestOutput },
        timeoutMs: timeoutMs ?? seconds * 1_000,
        signal,
      });
    return {
      home,
      run,
      async shrink(mode: "raster" | "page" | "svg" | "text", name: string): Promise<void> {
        const args = ["--max-old-space-size=512", script, mode, `${home}/${name}`, home, String(mostPixels)];
        await run(process.execPath, args).catch((error: unknown) => {
          if (!(error instanceof PreviewFailure)) throw error;
          if (error.code === 3) throw new PreviewFailure("too_large", error.message);
          // Not what it says of a file: it could not begin.
          if (error.code === 1) throw new Error(error.message);
          throw error;
        });
      },
    };
  }

  type Tools = ReturnType<typeof tools>;

  /** The arguments by which ffmpeg writes one picture of `in`, made small, to `frame.png`. */
  function grabFrame(home: string, reading: readonly string[], choosing: readonly string[] = []): string[] {
    const scale = "scale=w='min(1400,iw)':h='min(1400,ih)':force_original_aspect_ratio=decrease";
    return [
      ...["-nostdin", "-v", "error", "-threads", "1"],
      ...[...reading, "-protocol_whitelist", "file", "-max_pixels", String(mostPixels), "-i", `${home}/in`],
      ...[...choosing, "-frames:v", "1", "-an", "-sn", "-vf", scale],
      ...["-f", "image2", "-c:v", "png", "-y", `${home}/frame.png`],
    ];
  }

  async function drawBitmap({ run, shrink, home }: Tools, contentType: string): Promise<void> {
    const reader = bitmapReaders[contentType];
    if (!reader) throw new PreviewFailure("unsuitable", `No decoder reads ${contentType}`);
    await run(programs.ffmpeg!, grabFrame(home, reader));
    await shrink("raster", "frame.png");
  }

  async function drawPdf({ run, shrink, home }: Tools, name: string): Promise<void> {
    await run(programs.pdftoppm!, [
      "-f",
      "1",
      "-l",
      "1",
      "-singlefile",
      "-scale-to",
      "1400",
      "-png",
      `${home}/${name}`,
      `${home}/page`,
    ]);
    await shrink("page", "page.png");
  }

  async function drawOffice(parts: Tools, folder: WorkFolder, contentType: string): Promise<void> {
    const filter = officeFilters[contentType];
    if (!filter) throw new PreviewFailure("unsuitable", `No filter reads ${contentType}`);
    if (!(await beginsRight(join(folder.work, "in"), contentType))) {
      throw new PreviewFailure("unsuitable", "It does not begin as such a document does");
    }
    const user = join(folder.work, "profile/user");
    await mkdir(user, { recursive: true });
    await writeFile(join(user, "registrymodifications.xcu"), officeProfile);
    const onePage = '{"PageRange":{"type":"string","value":"1"}}';
    const { run, home } = parts;
    await run(
      programs.soffice!,
      [
        `-env:UserInstallation=file://${home}/profile`,
        ...["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard", "--nologo"],
        `--infilter=${filter.read}`,
        ...["--convert-to", `pdf:${filter.write}_pdf_Export:${onePage}`, "--outdir", `${home}/pdf`, `${home}/in`],
      ],
      30,
    );
    await drawPdf(parts, "pdf/in.pdf");
  }

  async function drawFilm({ run, shrink, home }: Tools, folder: WorkFolder, kind: "video" | "audio"): Promise<void> {
    const grab = (at: readonly string[]) =>
      run(programs.ffmpeg!, grabFrame(home, [...at, "-format_whitelist", mediaFormats], ["-map", "0:v:0"]));
    const isThere = () =>
      stat(join(folder.work, "frame.png")).then(
        ({ size }) => size > 0,
        () => false,
      );
    // The first second of a film is often black; a short one ends before.
    if (kind === "video") await grab(["-ss", "3"]).catch(onlyUnsuitable);
    if (!(await isThere())) await grab([]);
    if (!(await isThere())) throw new PreviewFailure("unsuitable", "It holds no picture");
    await shrink("raster", "frame.png");
  }

  async function drawHeif({ run, shrink, home }: Tools, folder: WorkFolder): Promise<void> {
    const pixels = heifPixels(await readHead(join(folder.work, "in"), 2 ** 20));
    if (pixels === undefined) throw new PreviewFailure("unsuitable", "It is no HEIF");
    if (pixels > mostPixels) throw new PreviewFailure("too_large", `${pixels} pixels`);
    if (programs.heifConvert !== undefined) {
      // Turned upright as it is decoded, by what the image itself says.
      await run(programs.heifConvert, ["-q", "92", `${home}/in`, `${home}/photo.jpg`]);
      await shrink("raster", "photo.jpg");
      return;
    }
    await run(programs.ffmpeg!, [
      "-nostdin",
      "-v",
      "error",
      "-protocol_whitelist",
      "file",
      "-i",
      `${home}/in`,
      "-frames:v",
      "1",
      "-y",
      `${home}/photo.png`,
    ]);
    await shrink("raster", "photo.png");
  }

  async function draw(order: PreviewOrder, folder: WorkFolder, parts: Tools): Promise<void> {
    const { kind, contentType, source } = order;
    const part = kind === "video" || kind === "audio" ? "ends" : kind === "text" ? { first: textBytes } : "whole";
    await copySource(source, join(folder.work, "in"), part);
    if (kind === "image") return parts.shrink("raster", "in");
    if (kind === "bitmap") return drawBitmap(parts, contentType);
    if (kind === "svg" || kind === "text") return parts.shrink(kind, "in");
    if (kind === "pdf") return drawPdf(parts, "in");
    if (kind === "heif") return drawHeif(parts, folder);
    if (kind === "office") return drawOffice(parts, folder, contentType);
    return drawFilm(parts, folder, kind);
  }

  return {
    draws: (kind) => drawable(programs, kind),
    async render(order) {
      try {
        const confinement = await isolate();
        return await inFolder(workDirectory, async (folder) => {
          await draw(order, folder, tools(confinement, folder, order.signal));
          return { previews: await collectPictures(folder.work) };
        });
      } catch (error) {
        if (error instanceof PreviewFailure) return { failure: error.reason, detail: error.message.slice(0, 500) };
        throw error;
      }
    },
  };
}

function drawable({ ffmpeg, pdftoppm, soffice, heifConvert }: PreviewPrograms, kind: PreviewKind): boolean {
  const needs: Readonly<Record<PreviewKind, readonly (string | undefined)[]>> = {
    image: [],
    bitmap: [ffmpeg],
    svg: [],
    text: [],
    heif: [heifConvert ?? ffmpeg],
    pdf: [pdftoppm],
    office: [soffice, pdftoppm],
    video: [ffmpeg],
    audio: [ffmpeg],
  };
  return !needs[kind].includes(undefined);
}

/** Where the programs are, and what our own one is made of. */
function shownFolders(programs: PreviewPrograms): string[] {
  const theirs = Object.values(programs).filter((path) => path !== undefined);
  const modules = new URL(import.meta.resolve("sharp")).pathname;
  const nodeModules = modules.slice(0, modules.lastIndexOf("/node_modules/") + "/node_modules".length);
  const server = resolve(import.meta.dirname, "../../..");
  return [
    ...new Set([
      ...[...theirs, process.execPath].map(homeOf),
      ...[nodeModules, import.meta.dirname, join(server, "package.json")],
    ]),
  ];
}

/** What a process that died has left; another one may be drawing beside, for a minute at most. */
async function removeLeftovers(workDirectory: string): Promise<void> {
  const names = await readdir(workDirectory).catch((): string[] => []);
  for (const name of names.filter((each) => each.startsWith(folderPrefix))) {
    const path = join(workDirectory, name);
    const about = await stat(path).catch(() => undefined);
    if (about && about.mtimeMs < Date.now() - 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

const folderPrefix = "file-";

async function inFolder<T>(workDirectory: string, work: (folder: WorkFolder) => Promise<T>): Promise<T> {
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const top = await mkdtemp(join(workDirectory, folderPrefix));
  try {
    const folder = { work: join(top, "work"), root: join(top, "root") };
    await mkdir(folder.work, 0o700);
    await mkdir(folder.root, 0o700);
    return await work(folder);
  } finally {
    await rm(top, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function readHead(path: string, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function beginsRight(path: string, contentType: string): Promise<boolean> {
  const head = await readHead(path, 8);
  if (officeFilters[contentType]!.isZip) return head.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"));
  if (contentType === "application/rtf") return head.subarray(0, 5).toString("latin1") === "{\\rtf";
  return head.equals(Buffer.from("d0cf11e0a1b11ae1", "hex"));
}

function onlyUnsuitable(error: unknown): void {
  if (!(error instanceof PreviewFailure && error.reason === "unsuitable")) throw error;
}
