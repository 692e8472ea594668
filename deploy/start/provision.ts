/**
 * Makes a store known to an issuer, as its administrator would: merchant, store, gateway, and the
 * one-time code with which the gateway enrols.
 */
import type { Config } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import {
  consoleLog,
  enrol,
  issuerOver,
  realClock,
  realRandom,
  storedIdentity,
  turnKeys,
} from "../../runtime/main.ts";
import { createIssuerClient, type IssuerClient } from "../../runtime/sync/contract/client.ts";
import type { GatewayIdentity } from "../../runtime/sync/identity.ts";
import type { Attest } from "../demo/shoppers.ts";
import { fromBase64url, toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";

/** The identity that is kept, or a new one when an administrator's key is there to enrol it. */
export async function identityFor(config: Config, adminKey?: string): Promise<GatewayIdentity> {
  const kept = await storedIdentity(config.data);
  if (kept && kept.gateway !== config.gateway.id) {
    throw new RuntimeError(
      "data_corrupt",
      `${config.data} belongs to gateway ${kept.gateway}, not ${config.gateway.id}: ` +
        "name another folder with --data, or use that gateway's configuration",
    );
  }
  if (kept) {
    await sameIssuer(config, kept);
    return await withFreshKeys(config, kept);
  }
  if (adminKey === undefined) {
    throw new RuntimeError(
      "unauthorised",
      `gateway ${config.gateway.id} is not enrolled at ${config.issuer.url}: ` +
        "give that issuer's key with --admin-key-file",
    );
  }
  const code = await register(config, adminKey).catch((error: unknown) => {
    if (!(error instanceof RuntimeError) || error.kind !== "unauthorised") throw error;
    throw new RuntimeError(
      "unauthorised",
      `${config.issuer.url} does not take this administrator's key: give its own with ` +
        "--admin-key-file",
      { cause: error },
    );
  });
  return await enrol(config.data, config.gateway.id, config.issuer.url, code);
}

/** Old keys are turned at a start, when nothing is on its way under them. Where that cannot be done
 * now they count on, and the next start tries again. */
async function withFreshKeys(config: Config, kept: GatewayIdentity): Promise<GatewayIdentity> {
  const age_ms = realClock.now_ms() - (kept.made_at_ms ?? 0);
  if (age_ms < config.gateway.keys_days * 86_400_000) return kept;
  try {
    return await turnKeys(config.data, kept, config.issuer.url);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.kind === "disk_failed") throw error;
    consoleLog("warn", "the gateway's keys are not turned yet", { reason: error.message });
    return kept;
  }
}

/** An issuer that lost its data has new keys, and nothing that it says would be believed. One that
 * is away now is no reason not to start. */
async function sameIssuer(config: Config, kept: GatewayIdentity): Promise<void> {
  const { url } = config.issuer;
  const world = { vault: nodeVault, clock: realClock, random: realRandom };
  let known: string;
  try {
    const client = createIssuerClient({ link: issuerOver(url), ...world });
    known = (await client.call("keys")).signing_public_key;
  } catch (error) {
    if (error instanceof RuntimeError && error.kind === "issuer_unreachable") return;
    throw error;
  }
  if (known === toBase64url(kept.issuer.signingPublicKey)) return;
  throw new RuntimeError(
    "data_corrupt",
    `the issuer at ${url} is not the one where this gateway was enrolled: restore that one's ` +
      `data, or move ${config.data} away and begin anew`,
  );
}

async function register(config: Config, adminKey: string): Promise<string> {
  const { store, gateway, policies } = config;
  const client = await administrator(config.issuer.url);
  const say = () => ({ bearer: adminKey, key: toBase64url(realRandom.bytes(16)) });
  await client.call("registerMerchant", {
    ...say(),
    body: { merchant: store.merchant, name: store.name },
  });
  await client.call("registerStore", {
    ...say(),
    body: {
      store: store.id,
      merchant: store.merchant,
      name: store.name,
      currency: store.currency,
      accept_liveness: [...policies.accept_liveness],
    },
  });
  const { enrolment_code } = await client.call("registerGateway", {
    ...say(),
    body: { gateway: gateway.id, store: store.id },
  });
  return enrolment_code;
}

/** Tells the issuer with which key the store's own retailer signs. */
export async function knowRetailer(
  { issuer, store }: Config,
  adminKey: string,
  signing_public_key: string,
): Promise<void> {
  const client = await administrator(issuer.url);
  await client.call("registerRetailer", {
    bearer: adminKey,
    key: toBase64url(realRandom.bytes(16)),
    body: { merchant: store.merchant, signing_public_key },
  });
}

/** What the issuer's office writes down of somebody's papers, asked as its administrator. */
export function officeOf(config: Config, bearer: string): Attest {
  let office: Promise<IssuerClient> | undefined;
  return async (account, { birth_date, eligibilities }) => {
    office ??= administrator(config.issuer.url);
    const body = {
      ...(birth_date === undefined ? {} : { birth_date }),
      eligibilities: [...eligibilities],
    };
    await (await office).call("setEligibility", { bearer, path: { account }, body });
  };
}

async function administrator(origin: string): Promise<IssuerClient> {
  const options = {
    link: issuerOver(origin),
    vault: nodeVault,
    clock: realClock,
    random: realRandom,
  };
  const keys = await createIssuerClient(options).call("keys");
  const issuerPublicKey = fromBase64url(keys.signing_public_key);
  if (!issuerPublicKey) throw new RuntimeError("issuer_refused", `${origin} has no usable keys`);
  return createIssuerClient({ ...options, issuerPublicKey });
}
