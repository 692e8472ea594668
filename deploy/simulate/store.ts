/**
 * A whole store in one process and one thread: gateway, issuer, acquirer, devices, people, and the
 * roads between them, composed over a simulated world.
 */
// long because all parts of the store are joined in this one place
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import { BeaconDevice, CameraDevice } from "../../runtime/sim/devices.ts";
import { MicrophoneDevice } from "../../runtime/sim/ear.ts";
import { goodRoad, Road, type RoadState } from "../../runtime/sim/road.ts";
import { Scheduler } from "../../runtime/sim/scheduler.ts";
import { createSimulatedVault } from "../../runtime/sim/vault.ts";
import { invariant } from "../../runtime/errors.ts";
import { createIssuerClient, speakHttp } from "../../runtime/sync/contract/client.ts";
import type { Speak } from "../../runtime/sync/contract/port.ts";
import { type GatewayIdentity, newIdentity } from "../../runtime/sync/identity.ts";
import { enrolGateway } from "../../runtime/sync/issuer.ts";
import { fromBase64url, toBase64url } from "../../runtime/vault/bytes.ts";
import type { Log, Random, Vault } from "../../runtime/world.ts";
import { type IssuerKeys } from "../phone/phone.ts";
import { SimulatedAcquirer } from "./acquirer.ts";
import { WalkOutAisle } from "./aisle/aisle.ts";
import { aisle_zone, gate_camera } from "./aisle/plan.ts";
import type { TripWitness } from "./aisle/witness.ts";
import { Crowd } from "./crowd.ts";
import { Faults } from "./faults.ts";
import { GatewaySide } from "./gateway_side.ts";
import { IssuerSide } from "./issuer_side.ts";
import { LanePost } from "./lane.ts";
import { type Person, settleTown } from "./person.ts";
import { noFaults, type Plan } from "./plan.ts";
import type { Pocket } from "./pocket.ts";
import { Rogue } from "./rogue.ts";
import type { Letter } from "./letter.ts";
import { Screen } from "./screen.ts";
import { shop, start_ms, type WireKind } from "./setting.ts";
import { type TurnRule, turnRuleOf } from "./turn_rule.ts";
import { speakDirectly } from "./wire.ts";
import type { Witness } from "./witness.ts";

export interface StoreSetting {
  readonly seed: number | string;
  readonly people: number;
  readonly wire: WireKind;
  readonly witness: Witness;
  readonly trips: TripWitness;
  readonly settle: () => Promise<void>;
  readonly broken: (error: unknown) => void;
  readonly log: Log;
}

const adminKey = "a".repeat(40);

function seeded(chance: Chance): Random {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0, word = 0; at < length; at++) {
        word = at % 4 === 0 ? chance.whole(0x1_0000_0000) : word >>> 8;
        bytes[at] = word;
      }
      return bytes;
    },
  };
}

export class SimulatedStore {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  /** When this store wants a head turned. */
  readonly turns: TurnRule;
  readonly cameras: ReadonlyMap<string, CameraDevice>;
  readonly beacons: ReadonlyMap<string, BeaconDevice>;
  readonly microphones = new Map(shop.microphones.map(({ id }) => [id, new MicrophoneDevice(id)]));
  readonly issuer: IssuerSide;
  readonly acquirer: SimulatedAcquirer;
  readonly lanes: LanePost[] = [];
  readonly aisle: WalkOutAisle;
  gateway!: GatewaySide;
  crowd!: Crowd;
  faults!: Faults;
  readonly #setting: StoreSetting;
  readonly #random: Random;
  readonly #vault: Vault;
  readonly #link: RoadState = { ...goodRoad };
  readonly #phones: RoadState = { ...goodRoad };
  readonly #tills: RoadState = { ...goodRoad, delay_ms: [1, 8] };
  readonly #screens: Screen[] = [];
  #people: Person[] = [];
  #pockets = new Map<string, Pocket>();
  #rogue!: Rogue;
  #plan = (): Plan => this.faults?.plan ?? noFaults;

  constructor(setting: StoreSetting) {
    const { seed, witness, settle, broken, log } = this.#setting = setting;
    const chance = this.chance = chanceOf(`simulation/${seed}`);
    this.turns = turnRuleOf(chance.fork("turns"));
    const scheduler = this.scheduler = new Scheduler({
      start_ms,
      chance: chance.fork("order"),
      settle,
      broken,
    });
    this.#random = seeded(chance.fork("bytes"));
    this.#vault = createSimulatedVault(this.#random);
    this.cameras = new Map(shop.cameras.map(({ id }) => [id, new CameraDevice(id)]));
    this.beacons = new Map(shop.beacons.map(({ hardware_id }) => [
      hardware_id,
      new BeaconDevice(hardware_id, scheduler, witness.codeSet.bind(witness)),
    ]));
    this.acquirer = new SimulatedAcquirer(chance.fork("acquirer"), this.#plan, witness);
    this.issuer = new IssuerSide({
      scheduler,
      chance: chance.fork("issuer"),
      random: this.#random,
      vault: this.#vault,
      acquirer: this.acquirer,
      plan: this.#plan,
      witness,
      log,
      adminKey,
      push: (account, about) => this.#pockets.get(account)?.buzz(about),
    });
    this.aisle = new WalkOutAisle({
      scheduler,
      chance: chance.fork("aisle"),
      random: this.#random,
      vault: this.#vault,
      plan: this.#plan,
      witness: setting.trips,
      log,
      broken,
      serve: this.issuer.serve,
      beacon: this.#beaconOf(aisle_zone),
      camera: this.#cameraOf(gate_camera),
      desk: () => this.gateway.running?.aisle,
    });
  }

  #beaconOf(zone: string): BeaconDevice {
    const found = this.beacons.get(`beacon-${zone}`);
    invariant(found, `zone ${zone} has a beacon`);
    return found;
  }

  #cameraOf(id: string): CameraDevice {
    const found = this.cameras.get(id);
    invariant(found, `there is a camera ${id}`);
    return found;
  }

  get people(): readonly Person[] {
    return this.#people;
  }

  /** Starts the issuer, settles the town, opens the gateway. */
  async open(): Promise<void> {
    const { scheduler } = this;
    this.issuer.start();
    let opened = false;
    const opening = this.#open().then(() => void (opened = true));
    opening.catch(this.#setting.broken);
    await scheduler.run(scheduler.now_ms() + 600_000, () => opened);
    await opening;
  }

  async #open(): Promise<void> {
    const { chance, scheduler: clock } = this;
    const random = this.#random;
    const vault = this.#vault;
    const serve = this.issuer.serve;
    const office = new Road({ clock, chance: chance.fork("office"), state: goodRoad, serve });
    const link = { origin: shop.issuer.url, fetch: office.fetch };
    const ports = { clock, random, vault, issuer: link };
    const keys = await createIssuerClient({ link, vault, clock, random }).call("keys");
    const identity = await this.#enrol(ports, keys);
    const state = this.#phones;
    const air = new Road({ clock, chance: chance.fork("phones"), state, serve });
    const rogue = this.#rogue = new Rogue({
      ...ports,
      chance: chance.fork("rogue"),
      keys,
      beacons: [...this.beacons.values()],
      handsets: () => this.#people.flatMap(({ own }) => own),
      fetch: air.fetch,
      speak: this.#speak(air, (letter) => this.#onAir(air, letter)),
    });
    const speak = this.#speak(
      air,
      (letter) => rogue.overhearLetter(letter, (heard) => this.#onAir(air, heard)),
    );
    const { witness, wire, broken } = this.#setting;
    const clerk = this.#speak(office, (letter) => office.carry(() => this.issuer.deliver(letter)))({
      issuerPublicKey: fromBase64url(keys.signing_public_key) ?? new Uint8Array(32),
    });
    const ways = { fetch: rogue.overhear, ...(wire === "http" ? {} : { speak }) };
    this.#people = await settleTown({
      ...ports,
      scheduler: clock,
      plan: this.#plan,
      broken,
      showPapers: (account, papers) =>
        clerk.call("setEligibility", {
          bearer: adminKey,
          path: { account },
          body: { ...papers, eligibilities: [...papers.eligibilities] },
        }),
      chance: chance.fork("town"),
      keys,
      ...ways,
      witness,
    }, this.#setting.people);
    for (const { own } of this.#people) {
      for (const { phone, pocket } of own) this.#pockets.set(phone.account ?? "", pocket);
    }
    await this.aisle.settle({ ...ports, keys, ...ways });
    this.#furnish(identity);
  }

  #onAir = (air: Road, letter: Letter) => air.carry(() => this.issuer.deliver(letter));

  /** The phones' way to the issuer, as the wire has it. */
  #speak(road: Road, send: (letter: Letter) => Promise<unknown>): Speak {
    const world = { vault: this.#vault, clock: this.scheduler, random: this.#random };
    const { fetch } = road;
    return this.#setting.wire === "http"
      ? speakHttp({ ...world, link: { origin: shop.issuer.url, fetch } })
      : speakDirectly({ ...world, road, send });
  }

  async #enrol(
    ports: Parameters<typeof enrolGateway>[0],
    keys: IssuerKeys,
  ): Promise<GatewayIdentity> {
    const { issuer: link, vault, clock, random } = ports;
    const issuerPublicKey = fromBase64url(keys.signing_public_key) ?? new Uint8Array(32);
    const office = createIssuerClient({ link, vault, clock, random, issuerPublicKey });
    const { id, merchant, name, currency } = shop.store;
    const bearer = adminKey;
    await office.call("registerMerchant", { bearer, body: { merchant, name } });
    await office.call("registerStore", { bearer, body: { store: id, merchant, name, currency } });
    const body = { gateway: shop.gateway.id, store: id };
    const signing_public_key = toBase64url(this.aisle.retailer.key.publicKey);
    await office.call("registerRetailer", { bearer, body: { merchant, signing_public_key } });
    const { enrolment_code } = await office.call("registerGateway", { bearer, body });
    const unknown = newIdentity(vault, random, shop.gateway.id);
    return await enrolGateway(ports, unknown, enrolment_code);
  }

  #furnish(identity: GatewayIdentity): void {
    const { chance, scheduler, cameras, beacons } = this;
    const { witness, broken, log } = this.#setting;
    this.gateway = new GatewaySide({
      scheduler,
      chance: chance.fork("gateway"),
      random: this.#random,
      vault: this.#vault,
      config: { ...shop, policies: { ...shop.policies, ...this.turns } },
      identity,
      devices: { cameras, beacons, microphones: this.microphones, close: () => Promise.resolve() },
      aisle: (process) => this.aisle.reachedBy(process),
      road: this.#link,
      serve: this.issuer.serve,
      deliver: this.issuer.deliver,
      wire: this.#setting.wire,
      up: () => this.#screens.forEach((screen) => screen.reach()),
      plan: this.#plan,
      witness,
      log,
      broken,
    });
    this.faults = new Faults({
      scheduler,
      chance: chance.fork("faults"),
      gateway: this.gateway,
      rogue: this.#rogue,
      retailer: this.aisle.retailer,
      trade: this.aisle.roads,
      cameras: [...cameras.values()],
      beacons: [...beacons.values()],
      link: this.#link,
      others: [this.#phones, this.#tills],
    });
    this.#hireCashiers();
    this.crowd = new Crowd({
      scheduler,
      chance: chance.fork("crowd"),
      people: this.#people,
      beacons,
      lanes: this.lanes,
      plan: this.#plan,
    });
    this.gateway.start();
  }

  #hireCashiers(): void {
    const { chance, scheduler, cameras } = this;
    const { witness, broken } = this.#setting;
    const counter = new Road({
      clock: scheduler,
      chance: chance.fork("tills"),
      state: this.#tills,
      serve: this.gateway.fetch,
    });
    for (const { id, zone, camera, microphone, selection = "operator" } of shop.lanes) {
      this.lanes.push(
        new LanePost({
          id,
          zone,
          selection,
          camera: cameras.get(camera) ?? new CameraDevice(camera),
          microphone: this.microphones.get(microphone ?? ""),
          scheduler,
          chance: chance.fork(`lane/${id}`),
          random: this.#random,
          fetch: counter.fetch,
          ...(this.#setting.wire === "http" ? {} : {
            say: (word, signal) => counter.heard(() => this.gateway.sell(id, word, signal), signal),
            screen: this.#hang(id),
          }),
          plan: this.#plan,
          witness,
          broken,
          mayForget: () => this.gateway.restores > 0,
        }),
      );
    }
  }

  /** A screen that faces shoppers. */
  #hang(lane: string): Screen {
    const screen = new Screen({
      scheduler: this.scheduler,
      chance: this.chance.fork(`screen/${lane}`),
      state: this.#tills,
      follow: (tell, ended) => this.gateway.follow(lane, tell, ended),
    });
    this.#screens.push(screen);
    return screen;
  }

  /** All of it is switched off. */
  sleep(): void {
    this.aisle.sleep();
    this.gateway.switchOff();
    this.issuer.switchOff();
  }

  wake(): void {
    this.issuer.switchOn();
    this.gateway.switchOn();
    this.aisle.wake();
  }

  close(): void {
    this.aisle.close();
    for (const { own } of this.#people) for (const { phone } of own) phone.stop();
    for (const lane of this.lanes) lane.stop();
    this.issuer.close();
  }
}
