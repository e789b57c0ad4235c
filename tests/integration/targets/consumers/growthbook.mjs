// Asks GrowthBook about users user-0 to user-(N-1), for each file: one line of 0 and 1 a file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const require = createRequire(`${process.env.CONSUMERS}/`);
const { GrowthBookClient } = require("@growthbook/growthbook");
const [users, ...files] = process.argv.slice(2);
for (const file of files) {
  const client = new GrowthBookClient().initSync({ payload: JSON.parse(readFileSync(file, "utf8")) });
  let line = "";
  for (let i = 0; i < Number(users); i += 1) {
    line += client.isOn("checkout", { attributes: { id: `user-${i}` } }) ? "1" : "0";
  }
  console.log(line);
}
