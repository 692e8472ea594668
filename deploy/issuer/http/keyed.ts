/** Which routes need an Idempotency-Key, and how the key stands in its header. */
import { utf8 } from "../../../runtime/vault/bytes.ts";
import type { RouteName } from "../../../runtime/sync/contract/routes.ts";
import type { RequestParts } from "../../../runtime/sync/contract/signatures.ts";
import type { Vault } from "../../../runtime/vault/vault.ts";
import { Refusal } from "../refusal.ts";
import type { Keyed } from "../rooms/idempotency.ts";
import type { Principal } from "./authority.ts";

/** Routes that move money or make what nobody wants twice. The others may simply be repeated. */
export const keyed: ReadonlySet<RouteName> = new Set<RouteName>([
  "openAccount",
  "authorise",
  "capture",
  "reverse",
]);

/** The request under its key: a structured-field string, or the bare characters. Its hash covers
 * method, path and body. Throws `Refusal` when the key is missing or is none. */
export function keyedRequest(vault: Vault, principal: Principal, request: RequestParts): Keyed {
  const field = request.headers.get("idempotency-key");
  if (field === null) throw new Refusal("idempotency_key_missing");
  const [, key] = /^"?([\w.:\/-]{1,200})"?$/.exec(field.trim()) ?? [];
  if (key === undefined) throw new Refusal("request_invalid", "The Idempotency-Key is malformed");
  const body = vault.sha256(request.body);
  const head = utf8(`${request.method} ${new URL(request.url).pathname}\n`);
  const request_hash = vault.hmacSha256(head, body);
  return { principal: principal.keyid, key, request_hash };
}
