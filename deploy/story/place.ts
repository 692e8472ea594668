/** Who and what there is in a story: the store, its shoppers, a sale as the till is told of it. */
import { fileURLToPath } from "node:url";
import { type Config, parseConfig } from "../../runtime/config.ts";
import type { SpendingLimits } from "../../runtime/sync/contract/schemas.ts";
import type { Ports } from "../kill/services.ts";
import { aisleAt, gateCamera } from "./aisle_place.ts";
import type { Phone, PhoneEvent } from "../phone/phone.ts";

export interface Shopper {
  readonly name: string;
  readonly initials: string;
  readonly account: string;
  readonly phone: Phone;
  readonly face: readonly number[];
  /** The template as it left the phone, sealed; base64url. */
  readonly sealed: string;
  /** Of which the phone's key is made. */
  readonly deviceSeed: Uint8Array;
  readonly events: readonly PhoneEvent[];
  /** Of the phone: without one it has the beacon's letterbox. */
  readonly network: { there: boolean };
}

export interface ShopperSetting {
  readonly instrument?: string;
  /** False for somebody who gave no face. */
  readonly enrolled?: boolean;
  readonly limits?: Partial<SpendingLimits>;
  readonly phrase?: string;
  /** Number of the voice with which they enrol the digits. */
  readonly voice?: number;
  readonly birth_date?: string;
  readonly eligibilities?: readonly string[];
  /** Somebody with the same face. */
  readonly twin?: Shopper;
}

/** A sale as the till is told of it. */
export interface Sale {
  readonly lane: string;
  readonly payment: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly amount_minor: number;
  readonly charge_minor: number;
  readonly receipt: string | null;
  readonly offline_since_ms: number | null;
  readonly approval_until_ms: number | null;
  readonly restricted: readonly { item: number; name: string; needs: string; eligible: boolean }[];
  readonly dropped: readonly string[];
  readonly candidates: readonly { visit: string; initials: string; first_name: string }[];
}

/** A lane as its operator sees it, as far as the issuer's absence goes. */
export interface LaneNow {
  readonly offline_since_ms: number | null;
  readonly stand_in: {
    readonly accepting: boolean;
    readonly open: number;
    readonly open_minor: number;
    readonly refused_late: readonly { payment: string; reason: string; amount_minor: number }[];
  };
}

/** What a lane shows to whoever stands there. */
export interface Shown {
  readonly sale: Pick<Sale, "state"> | null;
  readonly turn: {
    readonly state: string;
    readonly side: "left" | "right";
    readonly left: number;
    readonly reason?: string;
  } | null;
  readonly say: readonly number[] | null;
}

/** Money given back, as the till is told of it. */
export interface Refund {
  readonly refund: string;
  readonly outcome: string | null;
  readonly reason: string;
}

export interface RefundAsked {
  readonly service_id: string;
  readonly operator: string;
  readonly reason: string;
  readonly amount_minor?: number | undefined;
}

/** A change of account data, as the till is told of it. */
export interface Change {
  readonly change: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string;
  readonly tries_left: number | null;
  readonly effective_at_ms: number | null;
}

export interface Line {
  readonly name: string;
  readonly amount_minor: number;
  readonly quantity?: number;
  readonly needs?: string;
  readonly category?: string;
}

export interface StageSetting {
  /** Flags for the issuer, such as a shorter time to say yes. */
  readonly issuer?: readonly string[];
  /** Certificates of the authorities whose identity documents prove an age. */
  readonly ageAuthorities?: string;
  readonly policies?: Record<string, unknown>;
  /** A walk-out aisle beside the lanes, and a retailer. */
  readonly aisle?: boolean;
  /** The broker to which its gates and shelves publish what they see. */
  readonly broker?: string;
}

/** Lane 1 has a cashier, lane 2 takes whoever is recognised alone, lane 3 asks of several and lane
 * 4 of everybody for an answer; lane 5 asks of several, and listens. */
const lanes = [
  { id: "1" },
  { id: "2", selection: "automatic" },
  { id: "3", selection: "automatic", challenge: "ambiguous" },
  { id: "5", selection: "automatic", challenge: "ambiguous", microphone: "mouth-5" },
  { id: "4", challenge: "always" },
].map((lane) => ({ ...lane, name: `Lane ${lane.id}`, zone: "hall", camera: `till-${lane.id}` }));

export function configFor(
  data: string,
  ports: Ports,
  { policies = {}, aisle = false, broker }: StageSetting,
): Config {
  const cameras = [...lanes.map(({ camera }) => camera), ...(aisle ? [gateCamera] : [])];
  return parseConfig({
    store: {
      id: "story-market",
      name: "Story Market",
      merchant: "story-foods",
      currency: "EUR",
      jurisdiction: "DE",
      timezone: "Europe/Berlin",
    },
    gateway: { id: "story-1" },
    http: { port: ports.gateway },
    issuer: { url: `http://127.0.0.1:${ports.issuer}` },
    data,
    zones: [{ id: "hall", name: "Hall" }],
    lanes,
    beacons: [{ hardware_id: "story-b1", zone: "hall", device: { kind: "simulated" } }],
    cameras: cameras.map((id) => ({ id, zone: "hall", device: { kind: "simulated" } })),
    microphones: [{ id: "mouth-5", device: { kind: "simulated" } }],
    displays: [{ zone: "hall" }],
    content: {
      catalogue: fileURLToPath(new URL("../content/catalogue.json", import.meta.url)),
      files: [fileURLToPath(new URL("../content/items.jsonld", import.meta.url))],
      show_ms: 60_000,
    },
    policies: { selection_timeout_ms: 60_000, authorisation_timeout_ms: 15_000, ...policies },
    ...(aisle ? { aisle: aisleAt(`http://127.0.0.1:${ports.retailer}`, broker) } : {}),
  });
}
