/** Writes `issuer/openapi.json` anew from the routes, as the issuer serves it. */
import { testAcquirer } from "./issuer/acquirer.ts";
import { issuer } from "./issuer/issuer.ts";
import { openIssuerStore } from "./issuer/store/store.ts";
import { nodeVault } from "../runtime/vault/node.ts";

const house = issuer({
  clock: { now_ms: () => 0, after: () => () => {} },
  random: { bytes: (length) => new Uint8Array(length) },
  vault: nodeVault,
  store: openIssuerStore(":memory:"),
  acquirer: testAcquirer(),
  log: () => {},
});
const document = await (await house.app.request("/openapi.json")).json();
const path = new URL("issuer/openapi.json", import.meta.url);
Deno.writeTextFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
