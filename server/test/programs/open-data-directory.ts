// Opens a data directory as an ordinary user and says what came of it. Root becomes that user after everything is
// loaded, since the repository itself may stand in a directory that only root can enter.
import { openDataDirectory } from "../../src/supervisor/data-directory.ts";

const [path = "", uid] = process.argv.slice(2);
if (uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
try {
  const directory = await openDataDirectory(path);
  console.log("open");
  process.stdin.once("end", () => void directory.close());
  process.stdin.resume();
} catch (error) {
  console.log((error as Error).message);
}
