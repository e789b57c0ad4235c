// Asks flagd's evaluator about users user-0 to user-(N-1), for each file: one line of 0 and 1 a file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const require = createRequire(`${process.env.CONSUMERS}/`);
const { FlagdCore } = require("@openfeature/flagd-core");
const [users, ...files] = process.argv.slice(2);
for (const file of files) {
  const core = new FlagdCore();
  core.setConfigurations(readFileSync(file, "utf8"));
  let line = "";
  for (let i = 0; i < Number(users); i += 1) {
    const answer = core.resolveBooleanEvaluation("checkout", false, { targetingKey: `user-${i}` });
    line += answer.value ? "1" : "0";
  }
  console.log(line);
}
