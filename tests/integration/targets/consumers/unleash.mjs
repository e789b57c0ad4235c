// Asks Unleash about users user-0 to user-(N-1), for each file: one line of 0 and 1 a file. The server
// is not there: what the client knows is the bootstrap file.
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
const require = createRequire(`${process.env.CONSUMERS}/`);
const { Unleash } = require("unleash-client");
const [users, ...files] = process.argv.slice(2);
for (const file of files) {
  const backup = mkdtempSync(join(tmpdir(), "unleash-"));
  const client = new Unleash({
    appName: "test",
    url: "http://127.0.0.1:9/",
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    backupPath: backup,
    bootstrap: { filePath: file },
  });
  client.on("error", () => {});
  client.on("warn", () => {});
  await new Promise((resolve) => client.once("ready", resolve));
  let line = "";
  for (let i = 0; i < Number(users); i += 1) {
    line += client.isEnabled("checkout", { userId: `user-${i}` }) ? "1" : "0";
  }
  console.log(line);
  client.destroy();
  rmSync(backup, { recursive: true });
}
process.exit(0);
