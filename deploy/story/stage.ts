/**
 * Where stories are played: a gateway and an issuer, each its own process, phones that speak HTTP
 * with the issuer, and a till that speaks HTTP with the gateway. Only the radio and what a camera
 * sees are passed on by hand.
 */
// long because it is the whole vocabulary of the stories
import assert from "node:assert/strict";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Config } from "../../runtime/config.ts";
import { realClock, realRandom, storedIdentity } from "../../runtime/main.ts";
import { faceOf, simulatedModel } from "../../runtime/sim/recogniser.ts";
import { createIssuerClient, type IssuerClient } from "../../runtime/sync/contract/client.ts";
import type { IssuerPort } from "../../runtime/sync/contract/port.ts";
import type { Approval, Receipt } from "../../runtime/sync/contract/schemas.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import { type GatewayIdentity, newIdentity } from "../../runtime/sync/identity.ts";
import { enrolGateway } from "../../runtime/sync/issuer.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { Services } from "../kill/services.ts";
import type { Told } from "../kill/words.ts";
import { type Phone, phone, type PhoneEvent } from "../phone/phone.ts";
import { demoPin } from "../demo/operators.ts";
import { Air } from "./air.ts";
import {
  type Change,
  configFor,
  type LaneNow,
  type Line,
  type Refund,
  type RefundAsked,
  type Sale,
  type Shopper,
  type ShopperSetting,
  type Shown,
  type StageSetting,
} from "./place.ts";

export type { Line, Sale, Shopper, ShopperSetting, StageSetting } from "./place.ts";

export const sleep = (delay_ms: number) =>
  new Promise<void>((resolve) => void realClock.after(delay_ms, resolve));

/** Longest that anything in a story may take. */
const patience_ms = 20_000;
const look_ms = 25;

/** Waits until there is something, and fails in words when there never is. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end_ms = realClock.now_ms() + patience_ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(realClock.now_ms() < end_ms, `it never happened: ${what}`);
    await sleep(look_ms);
  }
}

const otherSide = { left: "right", right: "left" } as const;
const faceBefore = (shopper: Shopper | null) => shopper === null ? null : shopper.face.slice();

export class Stage implements AsyncDisposable {
  readonly air = new Air();
  readonly #services: Services;
  readonly #folder: string;
  readonly #phones: Phone[] = [];
  /** What is read from each beacon by whoever stands beside it. */
  readonly #beside = new Map<string, Told<"on_air">>();
  readonly #sessions = new Map<string, string>();
  #service = 0;
  #people = 0;
  /** A door of the issuer for its administrator. */
  office!: IssuerClient;
  issuerSigningKey = "";
  /** With which the retailer signs; in a store with a walk-out aisle. */
  retailerKey = "";

  private constructor(folder: string, setting: StageSetting) {
    this.#folder = folder;
    this.#services = new Services({
      folder,
      config: (data, ports) => configFor(data, ports, setting),
      issuer: setting.issuer ?? [],
    });
    this.#services.onAir = (word) => {
      this.#beside.set(word.hardware_id, word);
      this.air.send(word.hardware_id, word.code, word.until_ms);
    };
    // Told by whatever waits for the process.
    this.#services.failed.catch(() => undefined);
  }

  static async open(setting: StageSetting = {}): Promise<Stage> {
    const stage = new Stage(await Deno.makeTempDir({ prefix: "story-" }), setting);
    await stage.#services.startIssuer();
    await stage.#services.startGateway();
    if (setting.aisle) stage.retailerKey = await stage.#services.startRetailer();
    const { signing_public_key } = await createIssuerClient(stage.#ports).call("keys");
    stage.issuerSigningKey = signing_public_key;
    const issuerPublicKey = fromBase64url(signing_public_key)!;
    stage.office = createIssuerClient({ ...stage.#ports, issuerPublicKey });
    return stage;
  }

  /** What the beacon has now, its nonce too: the view of somebody who stands beside it. */
  async beside(hardware_id: string): Promise<Told<"on_air">> {
    return await until(`${hardware_id} has a code`, () => {
      const found = this.#beside.get(hardware_id);
      return found !== undefined && found.until_ms > realClock.now_ms() && found;
    });
  }

  /** The issuer, spoken to with the gateway's own key. */
  async asGateway(): Promise<IssuerPort> {
    const identity = await storedIdentity(this.config.data);
    assert.ok(identity, "the gateway has enrolled");
    return this.#speaking(identity);
  }

  /** A store of another merchant, with a gateway of its own. */
  async anotherGateway(gateway: string, store: string): Promise<IssuerPort> {
    const bearer = this.#services.adminKey;
    const merchant = `${store}-foods`;
    await this.office.call("registerMerchant", { bearer, body: { merchant, name: store } });
    const body = { store, merchant, name: store, currency: "EUR" };
    await this.office.call("registerStore", { bearer, body });
    const registered = await this.office.call("registerGateway", {
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
    const { enrolment_code } = await this.office.call("registerGateway", { bearer, body });
    const ports = { ...this.#ports, issuer: this.#ports.link };
    await enrolGateway(ports, newIdentity(nodeVault, realRandom, "story-9"), enrolment_code);
    await enrolGateway(ports, newIdentity(nodeVault, realRandom, "story-9"), enrolment_code);
  }

  /** The issuer is told with which key the store's own retailer signs. */
  async registerRetailer(): Promise<void> {
    const { merchant } = this.config.store;
    const body = { merchant, signing_public_key: this.retailerKey };
    await this.office.call("registerRetailer", { bearer: this.#services.adminKey, body });
  }

  /** The issuer's administrator takes the gateway's key away. */
  async revokeGateway(): Promise<void> {
    const path = { gateway: this.config.gateway.id };
    await this.office.call("revokeGateway", { bearer: this.#services.adminKey, path });
  }

  /** Says where a store stands. */
  async place(store: string, place: { latitude: number; longitude: number }): Promise<void> {
    const merchant = store === "story-market" ? "story-foods" : `${store}-foods`;
    const body = { store, merchant, name: store, currency: "EUR", place };
    await this.office.call("registerStore", { bearer: this.#services.adminKey, body });
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

  /** Ways to the issuer. */
  get #ports() {
    return {
      link: { origin: this.config.issuer.url, fetch: (request: Request) => fetch(request) },
      vault: nodeVault,
      clock: realClock,
      random: realRandom,
    };
  }

  get config(): Config {
    return this.#services.config;
  }

  get services(): Services {
    return this.#services;
  }

  /** Somebody opens an account, consents and enrols. */
  async newShopper(name: string, setting: ShopperSetting = {}): Promise<Shopper> {
    const [first_name = name] = name.split(" ");
    const initials = name.split(" ").map((part) => part[0]).join("");
    const deviceSeed = realRandom.bytes(32);
    let sealed = "";
    const network = { there: true };
    const asked = async (request: Request) => {
      if (!network.there) throw new TypeError("no network");
      if (request.url.endsWith("/v1/template") && request.method === "PUT") {
        sealed = (await request.clone().json()).sealed.ciphertext;
      }
      return await fetch(request);
    };
    const own = phone(
      {
        clock: realClock,
        random: realRandom,
        vault: nodeVault,
        fetch: asked,
        letters: { hand: (beacon, letter) => this.#services.hand(beacon, name, letter) },
      },
      {
        issuer: this.config.issuer.url,
        deviceSeed,
        rules: { sightings: 1, tokens: 4, receipt_interval_ms: 100, receipt_grace_ms: 600_000 },
      },
    );
    this.#phones.push(own);
    const events: PhoneEvent[] = [];
    own.watch((event) => events.push(event));
    const { instrument = "test_ok", limits, phrase, birth_date, eligibilities = [] } = setting;
    const account = await own.openAccount({ first_name, initials, instrument });
    const values = setting.twin
      ? Float32Array.from(setting.twin.face)
      : faceOf(chanceOf(`story/${this.#people++}/${name}`));
    const { model, preset } = simulatedModel;
    if (setting.enrolled ?? true) {
      await own.enrolFace({ model, preset, values: values.slice() }, "1");
    }
    if (limits) await own.limits({ ...await own.limits(), ...limits });
    if (phrase !== undefined) await own.setPhrase(phrase);
    if (birth_date !== undefined || eligibilities.length > 0) {
      await this.office.call("setEligibility", {
        bearer: this.#services.adminKey,
        path: { account },
        body: { ...(birth_date ? { birth_date } : {}), eligibilities: [...eligibilities] },
      });
    }
    const known = { name, initials, account, face: [...values], deviceSeed, sealed };
    return { ...known, phone: own, events, network };
  }

  /** The phone hears the beacon from now on; resolves when the store could charge its owner. */
  async walksIn(shopper: Shopper): Promise<string> {
    this.air.hear(shopper.phone);
    return await until(`${shopper.name} is present`, async () => {
      const check_in = shopper.phone.checkIn;
      if (check_in === undefined) return undefined;
      const visit = await this.actor(`visit/${check_in}`);
      return visit?.state === "present" && check_in;
    });
  }

  /** The phone says goodbye, and hears nothing any more. */
  async leaves(shopper: Shopper): Promise<void> {
    this.air.forget(shopper.phone);
    await shopper.phone.leave();
  }

  /** Who stands at the lane's pay position. */
  stands(lane: string, shopper: Shopper | null): void {
    this.#services.tell({ say: "before", camera: `till-${lane}`, face: faceBefore(shopper) });
  }

  /** A film of the shopper, or somebody of whom the camera cannot tell. */
  maybeFilmed(lane: string, shopper: Shopper): void {
    const face = faceBefore(shopper);
    this.#services.tell({ say: "before", camera: `till-${lane}`, face, unsure: true });
  }

  /** What the lane shows to whoever stands there. */
  async shown(lane: string): Promise<Shown> {
    return await (await fetch(`${this.#sales(lane)}`.replace(/sales$/, "now"))).json();
  }

  /** Follows the lane's display and turns the head, until no more is asked: as asked, or as a film
   * goes that knows nothing of it. */
  async turnsHead(lane: string, filmed = false): Promise<void> {
    let left = Infinity;
    for (;;) {
      const { turn, sale } = await until(`lane ${lane} asks on`, async () => {
        const shown = await this.shown(lane);
        const { turn, sale } = shown;
        if (turn?.state === "failed" || sale?.state !== "awaiting_turn") return shown;
        return turn?.state === "asked" && turn.left < left && shown;
      });
      if (turn?.state !== "asked" || sale?.state !== "awaiting_turn") return;
      left = turn.left;
      const side = filmed ? otherSide[turn.side] : turn.side;
      this.#services.tell({ say: "turn", camera: `till-${lane}`, side });
    }
  }

  /** An actor's history, as text. */
  async history(address: string): Promise<string> {
    return await (await fetch(`${this.#debug}/${address}/history?limit=200`)).text();
  }

  /** The files of gateway and issuer as they are, by path; as text of one character a byte. */
  async files(): Promise<[path: string, bytes: string][]> {
    const found: [string, string][] = [];
    for (const place of ["gateway", "issuer"]) {
      for await (const { name, isFile } of Deno.readDir(`${this.#folder}/${place}`)) {
        const path = `${this.#folder}/${place}/${name}`;
        if (isFile) found.push([path, new TextDecoder("latin1").decode(await Deno.readFile(path))]);
      }
    }
    return found;
  }

  async ringsUp(
    lane: string,
    items: readonly Line[],
    more: Record<string, unknown> = {},
  ): Promise<Sale> {
    const lines = items.map((item) => ({ quantity: 1, ...item }));
    return await this.#post(lane, "", {
      poi_id: `poi-${lane}`,
      sale_id: `till-${lane}`,
      service_id: `s${++this.#service}`,
      amount_minor: lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0),
      currency: "EUR",
      items: lines,
      ...more,
    });
  }

  /** What somebody at the lane decides; the status is asserted. */
  async decide(sale: Sale, what: string, body: Record<string, unknown>): Promise<Sale> {
    return await this.#post(sale.lane, `/${sale.payment}/${what}`, body);
  }

  /** The same, refused: resolves to the detail of the problem. */
  async refused(sale: Sale, what: string, body: Record<string, unknown>): Promise<string> {
    const answer = await this.#send(sale.lane, `/${sale.payment}/${what}`, body);
    const { detail } = await answer.json();
    assert.equal(answer.status, 409, detail);
    return detail;
  }

  /** Money given back, once the issuer has answered. */
  async refund(sale: Sale, asked: RefundAsked): Promise<Refund> {
    const body = { ...asked, wait_ms: 10_000 };
    const answer = await this.#send(sale.lane, `/${sale.payment}/refunds`, body);
    const refund = await answer.json();
    assert.equal(answer.status, 200, refund.detail);
    return refund;
  }

  /** The same, refused by the gateway itself: resolves to the detail of the problem. */
  async refundRefused(sale: Sale, asked: RefundAsked): Promise<string> {
    const answer = await this.#send(sale.lane, `/${sale.payment}/refunds`, { ...asked });
    const { detail } = await answer.json();
    assert.equal(answer.status, 422, detail);
    return detail;
  }

  /** The shopper asks for a change of account data; the camera looks from now on. */
  async asksToChange(lane: string, who: Shopper, wanted: Record<string, unknown>): Promise<Change> {
    const body = { service_id: `s${++this.#service}`, initials: who.initials, operator: "olga" };
    const answer = await this.#call(`/lane/${lane}/changes`, { ...body, wanted });
    const change = await answer.json();
    assert.ok(answer.ok, change.detail);
    return change;
  }

  /** How it ended. */
  async changeEnds(lane: string, { change }: Change): Promise<Change> {
    return await until(`${change} ends`, async () => {
      const answer = await fetch(`${this.#door}/lane/${lane}/changes/${change}`);
      const now: Change = await answer.json();
      return now.outcome !== null && now;
    });
  }

  async cancelsChange(lane: string, { change }: Change): Promise<void> {
    const path = `/lane/${lane}/changes/${change}/cancellation`;
    const answer = await this.#call(path, { operator: "olga" });
    assert.ok(answer.ok, (await answer.json()).detail);
  }

  async look(sale: Sale): Promise<Sale> {
    const answer = await fetch(`${this.#sales(sale.lane)}/${sale.payment}`);
    return { ...await answer.json(), lane: sale.lane };
  }

  async lane(lane: string): Promise<LaneNow> {
    const { port } = this.config.http;
    return await (await fetch(`http://127.0.0.1:${port}/lane/${lane}/now`)).json();
  }

  /** The issuer's process dies; resolves when the store sells on without it. */
  async issuerGoes(): Promise<void> {
    await this.#services.killIssuer();
    await until("the store stands in", async () => (await this.lane("1")).stand_in.accepting);
  }

  /** It is there again, on its data; resolves when the lanes know. */
  async issuerReturns(): Promise<void> {
    await this.#services.startIssuer();
    await until("the lanes are told", async () => (await this.lane("1")).offline_since_ms === null);
  }

  /** The gateway dies and is born again on its data: whoever had signed in does so anew. */
  async gatewayDies(): Promise<void> {
    await this.#services.killGateway();
    this.#sessions.clear();
    await this.#services.startGateway();
  }

  /** The sale once it is in this situation. */
  async comesTo(sale: Sale, state: string): Promise<Sale> {
    return await until(`${sale.payment} comes to ${state}`, async () => {
      const now = await this.look(sale);
      const over = now.outcome !== null && now.outcome !== "accepted_offline";
      if (over) {
        assert.equal(now.state, state, `it is ${now.state} (${now.reason})`);
      }
      return now.state === state && now;
    });
  }

  /** Somebody is recognised and tapped by the operator. */
  async taps(sale: Sale, shopper: Shopper, operator = "olga"): Promise<Sale> {
    // Whoever stood there before may still be in the picture for a moment.
    const [seen, found] = await until(`${shopper.name} is among the candidates`, async () => {
      const now = await this.look(sale);
      assert.equal(now.outcome, null, `it ended before the tap: ${now.reason}`);
      const found = now.candidates.find(({ initials }) => initials === shopper.initials);
      return now.state === "awaiting_selection" && found && [now, found] as const;
    });
    return await this.decide(seen, "selection", { visit: found.visit, operator });
  }

  async actor(
    address: string,
  ): Promise<{ state: string; context: Record<string, unknown> } | undefined> {
    const answer = await fetch(`${this.#debug}/${address}`);
    const body = await answer.json();
    return answer.ok ? body : undefined;
  }

  /** What the issuer's ledger has of this payment. */
  async inLedger(sale: Sale) {
    const { issuer } = await this.#services.ask("books");
    return issuer.find(({ payment }) => payment === sale.payment);
  }

  /** The gateway's payments, held against the issuer's ledger. */
  async reconciled(): Promise<{ payments: number; differences: unknown[] }> {
    const answer = await fetch(`${this.#door}/reconciliation`);
    const books = await answer.json();
    assert.ok(answer.ok, books.detail);
    return books;
  }

  /** The phone's receipt of this sale. */
  async receiptOf(shopper: Shopper, sale: Sale): Promise<Receipt> {
    return await until(`${shopper.name} has a receipt`, () => {
      const found = shopper.events.find((event) =>
        event.type === "receipt" && event.receipt.payment === sale.payment
      );
      return found?.type === "receipt" && found.receipt;
    });
  }

  /** What the phone is asked now, about this sale at the latest. */
  async askedOn(shopper: Shopper): Promise<Approval> {
    return await until(`${shopper.name}'s phone is asked`, async () => {
      const open = await shopper.phone.approvals();
      return open.at(-1);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const own of this.#phones) own.stop();
    this.air.stop();
    await this.#services.killGateway();
    await this.#services.killRetailer();
    await this.#services.killIssuer();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #door(): string {
    return `http://127.0.0.1:${this.config.http.port}`;
  }

  get #debug(): string {
    return `${this.#door}/debug/actors`;
  }

  #sales(lane: string): string {
    return `${this.#door}/lane/${lane}/sales`;
  }

  async #send(lane: string, path: string, body: Record<string, unknown>): Promise<Response> {
    return await this.#call(`/lane/${lane}/sales${path}`, body);
  }

  /** An operator signs in, once a story. */
  async #session(operator: string): Promise<string> {
    const kept = this.#sessions.get(operator);
    if (kept !== undefined) return kept;
    const answer = await fetch(`${this.#door}/operators/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ operator, pin: demoPin }),
    });
    const { session, detail } = await answer.json();
    assert.ok(answer.ok, detail);
    this.#sessions.set(operator, session);
    return session;
  }

  /** An `operator` of the body is the one who has signed in and sends the rest. */
  async #call(path: string, body: Record<string, unknown>): Promise<Response> {
    const { operator, ...rest } = body;
    const headers = new Headers({ "content-type": "application/json" });
    if (operator !== undefined) {
      headers.set("x-operator-session", await this.#session(String(operator)));
    }
    const answer = await fetch(`${this.#door}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(rest),
    });
    // A gateway that was born again has signed everybody out.
    if (answer.status !== 401 || !this.#sessions.delete(String(operator))) return answer;
    await answer.body?.cancel();
    return await this.#call(path, body);
  }

  async #post(lane: string, path: string, body: Record<string, unknown>): Promise<Sale> {
    const answer = await this.#send(lane, path, body);
    const sale = await answer.json();
    assert.ok(answer.ok, `${path}: ${sale.detail}`);
    return { ...sale, lane };
  }
}
