import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findViolations } from "./check-accessibility.ts";
import { type DriveWorld, type OpenedDrive, row, startDriveWorld } from "./drive-world.ts";

let world: DriveWorld;
let drive: OpenedDrive;

before(async () => {
  world = await startDriveWorld();
  const drawing =
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800"/></svg>';
  await world.put("Photo.svg", drawing);
  await world.put("Abîmée.jpg", Buffer.from("ffd8ffe000104a46", "hex"));
  await world.put("Notes.md", "# Conseil\n\nOrdre du jour\n".repeat(8));
  drive = await world.open();
});
after(() => world?.close());

async function boxOf(name: string): Promise<unknown> {
  return row(drive.page, name).boundingBox();
}

for (const [width, height] of [
  [1_440, 900],
  [390, 844],
] as const) {
  test(`pictures come over the icons without moving anything, at ${width} pixels`, async () => {
    const { page } = drive;
    await page.setViewportSize({ width, height });
    // Held back until the list was measured.
    const held = Promise.withResolvers<void>();
    await page.route(/\/api\/drive\/files\/[^/]+\/preview/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.goto(`${world.suite.origins.drive}/`);
    await row(page, "Photo.svg").waitFor();
    const before = await boxOf("Photo.svg");
    held.resolve();
    await row(page, "Photo.svg").locator(".thumb[data-shown] img").waitFor();
    assert.deepEqual(await boxOf("Photo.svg"), before);
    // One that cannot be drawn keeps its icon, and a text has one in a list.
    assert.equal(await row(page, "Abîmée.jpg").locator(".thumb[data-shown]").count(), 0);
    assert.equal(await row(page, "Notes.md").locator(".thumb img").count(), 0);
    await page.unroute(/\/api\/drive\/files\/[^/]+\/preview/);
    assert.deepEqual(await findViolations(page), []);
    assert.deepEqual(drive.complaints(), []);
  });
}

test("the tiles show pages too, and an icon where nothing could be drawn", async () => {
  const { page } = drive;
  await page.setViewportSize({ width: 1_440, height: 900 });
  await page.goto(`${world.suite.origins.drive}/`);
  await page.getByRole("radio", { name: "Vignettes" }).click();
  const tile = (name: string) => page.locator(".tile.file", { hasText: name });
  await tile("Photo.svg").locator(".thumb[data-shown] img").waitFor();
  await tile("Notes.md").locator(".thumb[data-shown] img").waitFor();
  await tile("Abîmée.jpg").locator(".fg").waitFor();
  assert.equal(await tile("Abîmée.jpg").locator(".thumb[data-shown]").count(), 0);
  assert.deepEqual(await findViolations(page), []);
  assert.deepEqual(drive.complaints(), []);
});
