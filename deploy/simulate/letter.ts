/**
 * A request to the issuer as it travels when HTTP is left out: the contract's words as they are,
 * with the same signature, key and nonce around them, and never changed on the way.
 */
import type { Ask } from "../../runtime/sync/contract/port.ts";
import { type RouteName, routes } from "../../runtime/sync/contract/routes.ts";
import type { Signer } from "../../runtime/sync/contract/signatures.ts";
import { toHex, utf8 } from "../../runtime/vault/bytes.ts";
import type { Clock, Log, Random, Vault } from "../../runtime/world.ts";
import type { Credentials } from "../issuer/authority.ts";
import { type Asked, keyed } from "../issuer/calls.ts";
import type { Core } from "../issuer/http/app.ts";
import { refusalOf } from "../issuer/http/problem.ts";
import { Refusal } from "../issuer/refusal.ts";

export interface Signature {
  readonly keyid: string;
  readonly created_s: number;
  readonly nonce: string;
  /** By the key of the keyid, over the three and the name. */
  readonly proof: Uint8Array;
}

export interface Letter {
  readonly name: RouteName;
  readonly ask: Ask<RouteName>;
  readonly signature: Signature | undefined;
}

const said = (name: RouteName, { keyid, created_s, nonce }: Omit<Signature, "proof">) =>
  utf8(`${name} ${keyid} ${created_s} ${nonce}`);

export function write(
  { vault, clock, random }: { vault: Vault; clock: Clock; random: Random },
  signer: Signer | undefined,
  name: RouteName,
  ask: Ask<RouteName>,
): Letter {
  if (!signer) return { name, ask, signature: undefined };
  const created_s = Math.floor(clock.now_ms() / 1000);
  const made = { keyid: signer.keyid, created_s, nonce: toHex(random.bytes(8)) };
  const proof = vault.sign(signer.privateKey, said(name, made));
  return { name, ask, signature: { ...made, proof } };
}

/** Names the signature, as one that overhears it would. */
export function signatureOf({ signature }: Letter): string | undefined {
  return signature && `${signature.keyid} ${signature.nonce}`;
}

export function pathOf(name: RouteName): string {
  return routes[name].path;
}

function credentialsOf(vault: Vault, { name, ask, signature }: Letter): Credentials {
  return {
    bearer: ask.bearer,
    proved(keyOf) {
      if (!signature) throw new Refusal("signature_missing");
      const key = keyOf(signature.keyid);
      if (!key) throw new Refusal("key_unknown");
      if (!vault.verify(key, said(name, signature), signature.proof)) {
        throw new Refusal("signature_wrong");
      }
      return signature;
    },
  };
}

/** Routes of every day, whose words need nothing added and are taken as they are. */
const asSaid: ReadonlySet<RouteName> = new Set<RouteName>([
  "checkIn",
  "renew",
  "giveTokens",
  "leave",
  "askAccountData",
  "authorise",
  "capture",
  "forward",
  "release",
  "reverse",
]);

function askedOf(vault: Vault, core: Core, letter: Letter): Asked<RouteName> {
  const { name, ask } = letter;
  const principal = core.authority.check(name, credentialsOf(vault, letter));
  const { request, query } = routes[name];
  const parses = !asSaid.has(name);
  const once = keyed.has(name) && ask.key !== undefined
    ? { key: ask.key, request_hash: vault.sha256(utf8(`${name} ${JSON.stringify(ask.body)}`)) }
    : undefined;
  return {
    principal,
    path: ask.path ?? {},
    body: parses && request ? request.parse(ask.body) : ask.body,
    query: parses && query ? query.parse(ask.query ?? {}) : ask.query ?? {},
    ...(once ? { once } : {}),
  } as unknown as Asked<RouteName>;
}

/** The issuer's answer to a letter, or its reader of the feed. Rejects with `Refusal`. */
export async function answer(
  { vault, log }: { vault: Vault; log: Log },
  core: Core,
  letter: Letter,
): Promise<unknown> {
  try {
    const asked = askedOf(vault, core, letter);
    if (letter.name === "feed") {
      const { after } = asked.query as { after: number };
      return core.feed.open(asked.principal.name, after);
    }
    const call = core.calls[letter.name] as (asked: Asked<RouteName>) => unknown;
    return await call(asked);
  } catch (error) {
    throw refusalOf(error, log);
  }
}
