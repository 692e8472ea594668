/** What an HTTP request brings to be believed and to be done once: its signature, an
 * administrator's bearer key, its Idempotency-Key. */
import { utf8 } from "../../../runtime/vault/bytes.ts";
import {
  type RequestParts,
  urlOf,
  verifyRequest,
} from "../../../runtime/sync/contract/signatures.ts";
import type { Vault } from "../../../runtime/vault/vault.ts";
import type { Credentials } from "../authority.ts";
import type { Asked } from "../calls.ts";
import type { RouteName } from "../../../runtime/sync/contract/routes.ts";
import { Refusal } from "../refusal.ts";

export function credentialsOf(vault: Vault, request: RequestParts): Credentials {
  const [, bearer] = /^Bearer (.{1,200})$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return {
    bearer,
    proved(keyOf) {
      const checked = verifyRequest(vault, request, keyOf);
      if (!checked.ok) throw new Refusal(checked.problem);
      return checked;
    },
  };
}

/** The key is a structured-field string, or the bare characters; the hash covers method, path and
 * body. Throws `Refusal` when the key is missing or is none. */
export function onceOf(
  vault: Vault,
  request: RequestParts,
): NonNullable<Asked<RouteName>["once"]> {
  const field = request.headers.get("idempotency-key");
  if (field === null) throw new Refusal("idempotency_key_missing");
  const [, key] = /^"?([\w.:\/-]{1,200})"?$/.exec(field.trim()) ?? [];
  if (key === undefined) throw new Refusal("request_invalid", "The Idempotency-Key is malformed");
  const body = vault.sha256(request.body);
  const head = utf8(`${request.method} ${urlOf(request).pathname}\n`);
  return { key, request_hash: vault.hmacSha256(head, body) };
}
