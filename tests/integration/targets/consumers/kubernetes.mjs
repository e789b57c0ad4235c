// Validates the resources of files against their schemas; prints what is wrong.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const require = createRequire(`${process.env.CONSUMERS}/`);
const { parseAllDocuments } = require("yaml");
const model = async (module, name) => {
  const path = `${process.env.CONSUMERS}/node_modules/@kubernetes-models/${module}/index.js`;
  return (await import(pathToFileURL(path)))[name];
};
const models = {
  "gateway.networking.k8s.io/v1 HTTPRoute": await model("gateway-api/gateway.networking.k8s.io/v1", "HTTPRoute"),
  "networking.istio.io/v1 VirtualService": await model("istio/networking.istio.io/v1", "VirtualService"),
};
let seen = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    const resource = document.toJS();
    const Model = models[`${resource.apiVersion} ${resource.kind}`];
    if (!Model) continue;
    new Model(resource).validate();
    seen += 1;
  }
}
console.log(`${seen} valid`);
