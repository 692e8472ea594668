/**
 * The issuer as a gateway sees it: what actors ask for, in the words of the wire contract, signed
 * with this gateway's key.
 */
import type { Allowance, ChangeAnswer, DurableCommand } from "../../actors/messages.ts";
import { RuntimeError } from "../errors.ts";
import type { AdmissionAnswer, VolatileTripCommand } from "../../actors/walkout.ts";
import { admissionOf } from "./trips.ts";
import { fromBase64url, toBase64url } from "../vault/bytes.ts";
import type { Clock, IssuerLink, Probe, Random, Template, Vault, Voice, World } from "../world.ts";
import { createIssuerClient, speakHttp } from "./contract/client.ts";
import type { IssuerPort, Speak } from "./contract/port.ts";
import type { AccountData, Content, Ledger } from "./contract/schemas.ts";
import { readAllowance } from "./contract/tokens.ts";
import { openRotation, openTemplate, sealTemplate } from "./contract/templates.ts";
import { openVoice } from "./contract/voices.ts";
import { sent, type SettledAnswer } from "./send.ts";
import type { GatewayIdentity, NewIdentity } from "./identity.ts";

type Visit = AccountData["visits"][number];

/** A change that waits for its proof. */
export interface ProofAsked {
  readonly change: string;
  readonly lane: string;
  readonly camera: string;
  /** Secret. */
  readonly nonce: string;
}

export interface Issuer {
  /** One durable command under its idempotency key; see the client for how it rejects. */
  send(
    command: DurableCommand,
    key: string,
    signal: AbortSignal,
    /** Tries of it that went out before this one. */
    repeat?: number,
  ): Promise<SettledAnswer>;
  /** The face that is to prove a change, sealed so that the issuer alone can read it. Overwrites
   * its numbers. */
  proveChange(asked: ProofAsked, probe: Probe): Promise<ChangeAnswer>;
  /** Who stands at a gate, and whether he may begin a trip. */
  admit(
    command: Extract<VolatileTripCommand, { type: "issuer.admit" }>,
    signal: AbortSignal,
  ): Promise<AdmissionAnswer>;
  /** Whose phrase this is, of these visits; null when it is nobody's. */
  checkAnswer(
    asked: {
      readonly payment: string;
      readonly answer: string;
      readonly visits: readonly string[];
    },
  ): Promise<string | null>;
  /** Shows content on the phone of a shopper who agreed to offers. */
  showContent(asked: { readonly check_in: string; readonly content: Content }): Promise<void>;
  /** The voices of these visits, of those who have enrolled one that was sealed to this gateway. */
  askVoices(
    visits: readonly string[],
  ): Promise<{ readonly visit: string; readonly voice: Voice }[]>;
  /** Everybody whose phone reported this beacon's code; after the revision of an earlier answer,
   * only those of whom something changed. */
  askAccountData(
    proof: { hardware_id: string; code?: string; nonce?: string; since?: number },
  ): Promise<AccountData>;
  /** Undefined when there is none, or it was not sealed to this gateway for this visit. */
  openTemplate(visit: Visit, rotations: AccountData["rotations"]): Template | undefined;
  /** Those of the visit's allowances that are for this gateway, this visit and by the issuer. Those
   * `known` were read of the same visit before, and are as they were. */
  readAllowances(visit: Visit, known: readonly Allowance[]): Allowance[];
  registerBeacons(hardware_ids: string[]): Promise<void>;
  readonly openFeed: IssuerPort["items"];
  /** Every payment that the issuer holds for this gateway, oldest first, page by page. */
  ledger(): AsyncIterable<Ledger["payments"]>;
}

export function createIssuer(
  world: Pick<World, "issuer" | "vault" | "clock" | "random">,
  identity: GatewayIdentity,
  speak: Speak = speakHttp({ ...world, link: world.issuer }),
): Issuer {
  const { vault } = world;
  const client = speak({
    signer: { keyid: `gateway:${identity.gateway}`, privateKey: identity.signing.privateKey },
    issuerPublicKey: identity.issuer.signingPublicKey,
  });
  /** Requests that may be repeated freely still carry a key: the contract wants one. */
  const anyKey = () => toBase64url(world.random.bytes(16));

  return {
    send: (command, key, signal, repeat) => sent(client, command, key, signal, repeat),
    admit: (command, signal) => admissionOf(client, command, signal),
    async checkAnswer({ payment, answer, visits }) {
      const body = { payment, answer, check_ins: [...visits] };
      return (await client.call("checkAnswer", { body })).check_in;
    },
    async proveChange({ change, lane, camera, nonce }, { template, ...seen }) {
      const { gateway, issuer } = identity;
      const evidence = { camera, ...seen };
      const context = { to: "issuer", gateway, lane, change, nonce, ...evidence } as const;
      const probe = sealTemplate(vault, issuer.sealingPublicKey, context, template);
      template.values.fill(0);
      const ended = await client.call("proveChange", { body: { change, lane, evidence, probe } });
      return { type: "issuer.change_ended", ...ended };
    },
    async showContent(body) {
      await client.call("showContent", { body });
    },
    async askVoices(visits) {
      const { gateway, sealing } = identity;
      const { voices } = await client.call("askVoices", { body: { check_ins: [...visits] } });
      return voices.flatMap(({ check_in, voice: sealed }) => {
        const voice = openVoice(vault, sealing, { to: "gateway", gateway, check_in }, sealed);
        return voice === undefined ? [] : [{ visit: check_in, voice }];
      });
    },
    askAccountData: (proof) => client.call("askAccountData", { body: proof }),
    openTemplate({ template, account, check_in, lease_expires_ms }, rotations) {
      const turned = rotations.find(({ rotation }) => rotation === template?.rotation);
      const key = turned && openRotation(vault, identity.sealing, identity.gateway, turned);
      if (!template || !key) return undefined;
      const { gateway, sealing } = identity;
      const { rotation } = template;
      const visit = { gateway, account, check_in, lease_expires_ms, rotation };
      const opened = openTemplate(vault, sealing, { to: "gateway", ...visit }, template);
      return opened && { ...opened, rotation: key };
    },
    readAllowances({ allowances, account, check_in }, known) {
      return (allowances ?? []).flatMap((proof) => {
        const before = known.find((one) => one.proof === proof);
        if (before !== undefined) return [before];
        const read = readAllowance(vault, proof, identity.issuer.signingPublicKey);
        const ours = read?.aud === identity.gateway && read.account === account &&
          read.check_in === check_in;
        if (!ours) return [];
        const { jti: allowance, amount_minor, exp } = read;
        return [{ allowance, amount_minor, expires_ms: exp * 1000, proof }];
      });
    },
    async registerBeacons(hardware_ids) {
      await client.call("registerBeacons", { body: { hardware_ids }, key: anyKey() });
    },
    openFeed: (after, signal) => client.items(after, signal),
    async *ledger() {
      let after: string | null = null;
      do {
        const page: Ledger = await client.call(
          "ledger",
          after === null ? {} : { query: { after } },
        );
        yield page.payments;
        after = page.next;
      } while (after !== null);
    },
  };
}

/** Exchanges keys with the issuer for a one-time code. Rejects as the client does. */
export async function enrolGateway(
  world: { clock: Clock; random: Random; vault: Vault; issuer: IssuerLink },
  identity: NewIdentity,
  code: string,
): Promise<GatewayIdentity> {
  const { vault, clock, random } = world;
  const asking = { link: world.issuer, vault, clock, random };
  const keys = await createIssuerClient(asking).call("keys");
  const signingPublicKey = fromBase64url(keys.signing_public_key);
  const sealingPublicKey = fromBase64url(keys.sealing_public_key);
  if (!signingPublicKey || !sealingPublicKey) {
    throw new RuntimeError("issuer_refused", "the issuer's keys are no keys");
  }
  const publicKey = toBase64url(identity.signing.publicKey);
  const client = createIssuerClient({
    ...asking,
    signer: { keyid: `gateway-key:${publicKey}`, privateKey: identity.signing.privateKey },
    issuerPublicKey: signingPublicKey,
  });
  await client.call("enrolGateway", {
    key: toBase64url(random.bytes(16)),
    body: {
      gateway: identity.gateway,
      enrolment_code: code,
      signing_public_key: publicKey,
      sealing_public_key: toBase64url(identity.sealing.publicKey),
    },
  });
  return { ...identity, issuer: { signingPublicKey, sealingPublicKey } };
}

/** Tells the issuer which keys this gateway will use, under those in use. They count from the first
 * request that they sign; until then the old ones do. Throws `RuntimeError`. */
export async function announceKeys(
  world: { clock: Clock; random: Random; vault: Vault; issuer: IssuerLink },
  { gateway, signing, issuer }: GatewayIdentity,
  next: NewIdentity,
): Promise<void> {
  const { vault, clock, random } = world;
  const client = createIssuerClient({
    link: world.issuer,
    vault,
    clock,
    random,
    signer: { keyid: `gateway:${gateway}`, privateKey: signing.privateKey },
    issuerPublicKey: issuer.signingPublicKey,
  });
  await client.call("turnGatewayKeys", {
    body: {
      signing_public_key: toBase64url(next.signing.publicKey),
      sealing_public_key: toBase64url(next.sealing.publicKey),
    },
  });
}
