/**
 * The issuer's office in a story: its administrator, and whoever else speaks to the issuer without
 * being a process of the story.
 */
import assert from "node:assert/strict";
import { realClock, realRandom, storedIdentity } from "../../runtime/main.ts";
import { createIssuerClient, type IssuerClient } from "../../runtime/sync/contract/client.ts";
import type { IssuerPort } from "../../runtime/sync/contract/port.ts";
import { type GatewayIdentity, newIdentity } from "../../runtime/sync/identity.ts";
import { enrolGateway } from "../../runtime/sync/issuer.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Services } from "../kill/services.ts";

export class Office {
  /** With which the issuer signs; base64url. */
  readonly signingKey: string;
  readonly #services: Services;
  readonly #administrator: IssuerClient;

  private constructor(services: Services, signingKey: string) {
    this.#services = services;
    this.signingKey = signingKey;
    const issuerPublicKey = fromBase64url(signingKey)!;
    this.#administrator = createIssuerClient({ ...this.#ports, issuerPublicKey });
  }

  /** Once the issuer runs. */
  static async open(services: Services): Promise<Office> {
    const { signing_public_key } = await createIssuerClient(portsOf(services)).call("keys");
    return new Office(services, signing_public_key);
  }

  /** What the issuer's administrator found in somebody's papers. */
  async setEligibility(
    account: string,
    body: { readonly birth_date?: string; readonly eligibilities: string[] },
  ): Promise<void> {
    const bearer = this.#services.adminKey;
    await this.#administrator.call("setEligibility", { bearer, path: { account }, body });
  }

  /** Who the store's gateway is. Its keys are secret. */
  async identity(): Promise<GatewayIdentity> {
    const identity = await storedIdentity(this.#services.config.data);
    assert.ok(identity, "the gateway has enrolled");
    return identity;
  }

  /** The issuer, spoken to with the gateway's own key. */
  async asGateway(): Promise<IssuerPort> {
    return this.#speaking(await this.identity());
  }

  /** A store of another merchant, with a gateway of its own. */
  async anotherGateway(gateway: string, store: string): Promise<IssuerPort> {
    const bearer = this.#services.adminKey;
    const merchant = `${store}-foods`;
    await this.#administrator.call("registerMerchant", { bearer, body: { merchant, name: store } });
    const body = { store, merchant, name: store, currency: "EUR" };
    await this.#administrator.call("registerStore", { bearer, body });
    const registered = await this.#administrator.call("registerGateway", {
      bearer,
      body: { gateway, store },
    });
    const identity = newIdentity(nodeVault, realRandom, gateway);
    const ports = { ...this.#ports, issuer: this.#ports.link };
    return this.#speaking(await enrolGateway(ports, identity, registered.enrolment_code));
  }

  /** Enrols anew with a code that was used. */
  async enrolAgain(): Promise<void> {
    const bearer = this.#services.adminKey;
    const body = { gateway: "story-9", store: "story-market" };
    const { enrolment_code } = await this.#administrator.call("registerGateway", { bearer, body });
    const ports = { ...this.#ports, issuer: this.#ports.link };
    await enrolGateway(ports, newIdentity(nodeVault, realRandom, "story-9"), enrolment_code);
    await enrolGateway(ports, newIdentity(nodeVault, realRandom, "story-9"), enrolment_code);
  }

  /** The issuer is told with which key the store's own retailer signs. */
  async registerRetailer(signing_public_key: string): Promise<void> {
    const { merchant } = this.#services.config.store;
    const body = { merchant, signing_public_key };
    await this.#administrator.call("registerRetailer", { bearer: this.#services.adminKey, body });
  }

  /** The issuer's administrator takes the gateway's key away. */
  async revokeGateway(): Promise<void> {
    const path = { gateway: this.#services.config.gateway.id };
    await this.#administrator.call("revokeGateway", { bearer: this.#services.adminKey, path });
  }

  /** Says where a store stands. */
  async place(store: string, place: { latitude: number; longitude: number }): Promise<void> {
    const merchant = store === "story-market" ? "story-foods" : `${store}-foods`;
    const body = { store, merchant, name: store, currency: "EUR", place };
    await this.#administrator.call("registerStore", { bearer: this.#services.adminKey, body });
  }

  /** The first code on the feed of a gateway that is no process here. */
  async firstCode(gateway: IssuerPort, stop: AbortController) {
    for await (const item of await gateway.items(0, stop.signal)) {
      if (item?.body.type === "beacon.code_set" && item.body.until_ms > realClock.now_ms()) {
        stop.abort();
        return item.body;
      }
    }
    throw new Error("the feed ended without a code");
  }

  #speaking({ gateway, signing, issuer }: GatewayIdentity): IssuerPort {
    return createIssuerClient({
      ...this.#ports,
      signer: { keyid: `gateway:${gateway}`, privateKey: signing.privateKey },
      issuerPublicKey: issuer.signingPublicKey,
    });
  }

  get #ports() {
    return portsOf(this.#services);
  }
}

/** Ways to the issuer. */
function portsOf(services: Services) {
  return {
    link: { origin: services.config.issuer.url, fetch: (request: Request) => fetch(request) },
    vault: nodeVault,
    clock: realClock,
    random: realRandom,
  };
}
