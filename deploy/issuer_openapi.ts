/** Writes `issuer/openapi.json` anew from the routes, as the issuer serves it. */
import { memoryAccountKeys } from "./issuer/store/account_keys.ts";
import { nodeVault } from "../runtime/vault/node.ts";
import { testAcquirer } from "./issuer/test_acquirer.ts";
import { issuer } from "./issuer/issuer.ts";
import { openIssuerStore } from "./issuer/store/sqlite.ts";

export const openapiFile = new URL("./issuer/openapi.json", import.meta.url);

/** What the file holds. */
export async function openapiText(): Promise<string> {
  const house = issuer({
    clock: { now_ms: () => 0, after: () => () => {} },
    random: { bytes: (length) => new Uint8Array(length) },
    vault: nodeVault,
    store: openIssuerStore(":memory:"),
    accountKeys: memoryAccountKeys(),
    acquirer: testAcquirer(),
    log: () => {},
  });
  const document = await (await house.app.request("/openapi.json")).json();
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (import.meta.main) await Deno.writeTextFile(openapiFile, await openapiText());
