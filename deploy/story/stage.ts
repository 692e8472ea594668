/**
 * Where stories are played: a gateway and an issuer, each its own process, phones that speak HTTP
 * with the issuer, and tills that speak HTTP with the gateway. Only the radio and what a camera
 * sees are passed on by hand.
 */
import assert from "node:assert/strict";
import type { Config } from "../../runtime/config.ts";
import { realClock } from "../../runtime/main.ts";
import type { Approval, Receipt } from "../../runtime/sync/contract/schemas.ts";
import { spoken } from "../../runtime/perception/voice/testing.ts";
import { Air } from "../kill/air.ts";
import { Services } from "../kill/services.ts";
import type { Told } from "../kill/words.ts";
import { IssuersFile } from "./issuers_file.ts";
import { Office } from "./office.ts";
import { People } from "./people.ts";
import {
  configFor,
  type Sale,
  type Shopper,
  type ShopperSetting,
  type StageSetting,
} from "./place.ts";
import { Tills } from "./tills.ts";
import { until } from "./waiting.ts";

export type { Line, Sale, Shopper, ShopperSetting, StageSetting } from "./place.ts";

const otherSide = { left: "right", right: "left" } as const;

export class Stage implements AsyncDisposable {
  readonly air = new Air(100);
  /** The tills of all lanes. */
  readonly till = new Tills(() => this.#door);
  /** What gateway, issuer and retailer have written into their logs. */
  readonly logged: string[] = [];
  readonly #services: Services;
  readonly #people: People;
  readonly #folder: string;
  /** What is read from each beacon by whoever stands beside it. */
  readonly #beside = new Map<string, Told<"on_air">>();
  #office: Office | undefined;
  /** With which the retailer signs; in a store with a walk-out aisle. */
  retailerKey = "";

  private constructor(folder: string, setting: StageSetting) {
    this.#folder = folder;
    this.#services = new Services({
      folder,
      config: (data, ports) => configFor(data, ports, setting),
      issuer: setting.issuer ?? [],
      logged: (line) => void this.logged.push(line),
    });
    this.#people = new People(this.#services, () => this.office);
    this.#services.onAir = (word) => {
      this.#beside.set(word.hardware_id, word);
      this.air.send(word.hardware_id, word.code, word.until_ms);
    };
    // Told by whatever waits for the process.
    this.#services.failed.catch(() => undefined);
  }

  /** The issuer's own people, and others who speak to it. */
  get office(): Office {
    assert.ok(this.#office, "the issuer runs");
    return this.#office;
  }

  /** Somebody opens an account, consents and enrols. */
  newShopper(name: string, setting: ShopperSetting = {}): Promise<Shopper> {
    return this.#people.join(name, setting);
  }

  static async open(setting: StageSetting = {}): Promise<Stage> {
    const stage = new Stage(await Deno.makeTempDir({ prefix: "story-" }), setting);
    if (setting.ageAuthorities !== undefined) {
      await Deno.mkdir(`${stage.#folder}/issuer`, { mode: 0o700 });
      await Deno.writeTextFile(
        `${stage.#folder}/issuer/age-authorities.pem`,
        setting.ageAuthorities,
      );
    }
    await stage.#services.startIssuer();
    await stage.#services.startGateway();
    if (setting.aisle) stage.retailerKey = await stage.#services.startRetailer();
    stage.#office = await Office.open(stage.#services);
    return stage;
  }

  /** What the beacon has now, its nonce too: the view of somebody who stands beside it. */
  async beside(hardware_id: string): Promise<Told<"on_air">> {
    return await until(`${hardware_id} has a code`, () => {
      const found = this.#beside.get(hardware_id);
      return found !== undefined && found.until_ms > realClock.now_ms() && found;
    });
  }

  get config(): Config {
    return this.#services.config;
  }

  get services(): Services {
    return this.#services;
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
    this.standsBefore(`till-${lane}`, shopper);
  }

  /** A film of the shopper, or somebody of whom the camera cannot tell. */
  maybeFilmed(lane: string, shopper: Shopper): void {
    this.standsBefore(`till-${lane}`, shopper, true);
  }

  standsBefore(camera: string, shopper: Shopper | null, unsure = false): void {
    this.#services.tell({ say: "before", camera, face: shopper?.face.slice() ?? null, unsure });
  }

  /** The digits that the lane shows now, other than those of before. */
  async prompted(lane: string, before: readonly number[] = []): Promise<readonly number[]> {
    return await until(`lane ${lane} asks for digits`, async () => {
      const { say } = await this.till.shown(lane);
      return say !== null && say.length > 0 && say.join() !== before.join() && say;
    });
  }

  /** Somebody says digits at lane 5. */
  says(voice: number, digits: readonly number[], take: string): void {
    const { rate_hz, samples } = spoken(voice, digits, take, { pause_s: 0.35 });
    const padded = new Int16Array(samples.length + rate_hz);
    padded.set(samples);
    const bytes = new Uint8Array(padded.buffer);
    this.#services.tell({
      say: "speaks",
      microphone: "mouth-5",
      rate_hz,
      samples: bytes.toBase64(),
    });
  }

  /** Resolves when the lane's display asks for a turn of the head. */
  async asksToTurn(lane: string): Promise<void> {
    const asks = async () => (await this.till.shown(lane)).turn?.state === "asked";
    await until(`lane ${lane} asks for a turn`, asks);
  }

  /** Follows the lane's display and turns the head, until no more is asked: as asked, or as a film
   * goes that knows nothing of it. */
  async turnsHead(lane: string, filmed = false): Promise<void> {
    let left = Infinity;
    for (;;) {
      const { turn } = await until(`lane ${lane} asks on`, async () => {
        const { turn, sale } = await this.till.shown(lane);
        // Beside any sale it is a change of account data that asks.
        const over = sale === null ? turn === null : sale.state !== "awaiting_turn";
        if (over || turn?.state === "met" || turn?.state === "failed") return { turn: null };
        return turn?.state === "asked" && turn.left < left && { turn };
      });
      if (turn?.state !== "asked") return;
      left = turn.left;
      const side = filmed ? otherSide[turn.side] : turn.side;
      this.#services.tell({ say: "turn", camera: `till-${lane}`, side });
    }
  }

  /** An actor's history, as text. */
  async history(address: string): Promise<string> {
    return await (await fetch(`${this.#door}/debug/actors/${address}/history?limit=200`)).text();
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

  /** The issuer's process dies; resolves when the store sells on without it. */
  async issuerGoes(): Promise<void> {
    await this.#services.killIssuer();
    await until("the store stands in", async () => (await this.till.lane("1")).stand_in.accepting);
  }

  /** It is there again, on its data; resolves when the lanes know. */
  async issuerReturns(): Promise<void> {
    await this.#services.startIssuer();
    await until(
      "the lanes are told",
      async () => (await this.till.lane("1")).offline_since_ms === null,
    );
  }

  /** A backup of the issuer's file is made, while the issuer does not run. */
  async copiesIssuersFile(): Promise<void> {
    await this.#services.killIssuer();
    await this.#issuersFile.copy();
    await this.#services.startIssuer();
  }

  /** That backup is in the place of the issuer's file; resolves when the lanes know the issuer. */
  async putsIssuersFileBack(): Promise<void> {
    await this.#services.killIssuer();
    await this.#issuersFile.putBack();
    await this.issuerReturns();
  }

  /** What the acquirer's own book has of a sale. */
  takenBy({ payment }: Sale): { captured_minor: number; reversed: boolean } {
    return this.#issuersFile.taken(`${this.config.store.id}/${payment}/1`);
  }

  get #issuersFile(): IssuersFile {
    return new IssuersFile(`${this.#folder}/issuer`);
  }

  /** The gateway dies and is born again on its data: whoever had signed in does so anew. */
  async gatewayDies(): Promise<void> {
    await this.#services.killGateway();
    this.till.signedOut();
    await this.#services.startGateway();
  }

  async actor(
    address: string,
  ): Promise<{ state: string; context: Record<string, unknown> } | undefined> {
    const answer = await fetch(`${this.#door}/debug/actors/${address}`);
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
    this.#people.stop();
    this.air.stop();
    await this.#services.killGateway();
    await this.#services.killRetailer();
    await this.#services.killIssuer();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #door(): string {
    return `http://127.0.0.1:${this.config.http.port}`;
  }
}
