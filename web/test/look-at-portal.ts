/** Pictures of every screen in every look: `node web/test/look-at-portal.ts <folder> [name of screens]`. Needs a build. */
import { mkdir } from "node:fs/promises";
import { lookAtScreen, looks } from "./look-at-screen.ts";
import { launch } from "./open-page.ts";
import { portalScreens } from "./portal-screens.ts";

const [folder = "screenshots", only = ""] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const browser = await launch();
let failures = 0;
for (const screen of portalScreens) {
  if (!screen.name.match(only)) continue;
  for (const look of looks) {
    const found = await lookAtScreen(browser, screen, look, folder);
    failures += found.length;
    for (const problem of found) console.log(`${screen.name} ${look.name}: ${problem}`);
  }
}
await browser.close();
console.log(failures === 0 ? "No problem found." : `${failures} problems.`);
process.exitCode = failures === 0 ? 0 : 1;
