/**
 * What can be asked of the issuer, as typed calls, one a route of the contract. Who asks is proved
 * and what is asked is well formed before a call; each wire sees to both in its own way.
 */
import type { z } from "zod";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import type { Trip } from "../../runtime/sync/contract/schemas.ts";
import { type RouteName, routes } from "../../runtime/sync/contract/routes.ts";
import type { Principal } from "./authority.ts";
import { Refusal } from "./refusal.ts";
import type { Keyed } from "./rooms/idempotency.ts";
import type { Rooms } from "./rooms/rooms.ts";
import type { House } from "./world.ts";

type Routes = typeof routes;
type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Answer<Schema> = Schema extends z.ZodType ? z.output<Schema> : never;

/** Every route but the feed, which is read and not answered. */
export type CallName = Exclude<RouteName, "feed">;

/** Routes that move money or make what nobody wants twice: they need an Idempotency-Key. The others
 * may simply be repeated. */
export const keyed: ReadonlySet<RouteName> = new Set<RouteName>([
  "openAccount",
  "authorise",
  "conduct",
  "capture",
  "forward",
  "refund",
  "reverse",
]);

/** A request whose sender is proved and whose body is what the contract says. */
export interface Asked<Name extends RouteName> {
  readonly body: Parsed<Routes[Name]["request"]>;
  readonly query: Parsed<Routes[Name]["query"]>;
  readonly path: Readonly<Record<string, string>>;
  readonly principal: Principal;
  /** The address it came from, where the wire knows it. */
  readonly from?: string;
  /** Its Idempotency-Key, and a hash of all that is asked: the same key means the same request. */
  readonly once?: Omit<Keyed, "principal">;
}

/** They throw `Refusal`. */
export type Calls = {
  readonly [Name in CallName]: (
    asked: Asked<Name>,
  ) => Answer<Routes[Name]["answer"]> | Promise<Answer<Routes[Name]["answer"]>>;
};

type TripCall =
  | "admit"
  | "endTrip"
  | "decideDispute"
  | "trips"
  | "disputeLine"
  | "settleTrip"
  | "registerRetailer";

function tripCalls(house: House, rooms: Rooms): Pick<Calls, TripCall> {
  const { trips, charges, disputes, merchants } = rooms;
  const all = <T>(change: () => T): T => house.store.transaction(change);
  return {
    admit: ({ principal, body }) => all(() => trips.admit(principal.name, body)),
    endTrip: ({ principal, body }) => all(() => trips.end(principal.name, body)),
    decideDispute: ({ principal, body }) => disputes.decide(principal.name, body),
    trips: ({ principal }) => trips.of(principal.name),
    disputeLine: ({ principal, path, body }) =>
      all(() => disputes.raise(principal.name, path.trip ?? "", body)),
    settleTrip: async ({ principal, body }) => {
      const { trip, state } = await charges.settleOwed(principal.name, body.trip);
      return { trip, state: state as Trip["state"] };
    },
    registerRetailer: ({ body }) => all(() => merchants.registerRetailer(body)),
  };
}

export function issuerCalls(house: House, rooms: Rooms): Calls {
  return {
    keys: () => ({
      signing_public_key: toBase64url(house.signing.publicKey),
      sealing_public_key: toBase64url(house.sealing.publicKey),
    }),
    ...shopperCalls(house, rooms),
    ...officeCalls(house, rooms),
    ...gatewayCalls(house, rooms),
    ...tripCalls(house, rooms),
  };
}

function key({ principal, once }: Pick<Asked<RouteName>, "principal" | "once">): Keyed {
  if (!once) throw new Refusal("idempotency_key_missing");
  return { principal: principal.keyid, ...once };
}

/** What a shopper's devices ask. */
function shopperCalls({ store }: House, rooms: Rooms) {
  const { accounts, ages, approvals, changes, checkIns, erasure, idempotency, ledger } = rooms;
  const { offers, phrases, values, voices } = rooms;
  const all = <T>(change: () => T): T => store.transaction(change);
  const visit = (asked: { path: Readonly<Record<string, string>> }) => asked.path.check_in ?? "";
  return {
    openAccount: (asked) =>
      idempotency.once(key(asked), {
        begin: () => ({ answer: accounts.open(asked.principal.name, asked.body, asked.from) }),
      }),
    giveConsent: ({ principal, body }) =>
      all(() => {
        const given = accounts.giveConsent(principal.name, body);
        if (body.kind === "offers") checkIns.noteNews(principal.name);
        return given;
      }),
    revokeOffers: ({ principal }) => all(() => offers.revoke(principal.name)),
    shownContent: ({ principal, query }) => offers.shown(principal.name, query.after),
    putTemplate: ({ principal, body }) =>
      all(() => {
        const kept = accounts.putTemplate(principal.name, body);
        checkIns.noteTemplate(principal.name);
        return kept;
      }),
    revokeFace: ({ principal }) => all(() => erasure.revoke(principal.name)),
    putVoice: ({ principal, body }) => all(() => voices.put(principal.name, body)),
    revokeVoice: ({ principal }) => all(() => erasure.revokeVoice(principal.name)),
    eraseAccount: ({ principal }) => all(() => erasure.erase(principal.name)),
    checkIn: ({ principal, body }) => all(() => checkIns.open(principal.name, body)),
    renew: (asked) => all(() => checkIns.renew(asked.principal.name, visit(asked), asked.body)),
    giveTokens: (asked) =>
      all(() => checkIns.giveTokens(asked.principal.name, visit(asked), asked.body.tokens)),
    sayPeople: (asked) =>
      all(() => checkIns.sayPeople(asked.principal.name, visit(asked), asked.body.people)),
    leave: (asked) => all(() => checkIns.leave(asked.principal.name, visit(asked))),
    receipts: ({ principal: { name }, query }) => ({
      ...ledger.receipts(name, query.after),
      approvals_waiting: approvals.waiting(name),
      ages_asked: ages.waiting(name),
      content_latest: offers.latest(name),
      account_changes: changes.mark(name),
    }),
    ageQuestions: ({ principal }) => ages.open(principal.name),
    proveAge: ({ principal, body }) => ages.prove(principal.name, body),
    readAccount: ({ principal }) => values.show(principal.name),
    accountChanges: ({ principal }) => changes.of(principal.name),
    undoChange: ({ principal, path }) => all(() => changes.undo(principal.name, path.change ?? "")),
    readLimits: ({ principal }) => approvals.limitsOf(principal.name),
    setLimits: ({ principal, body }) => all(() => approvals.setLimits(principal.name, body)),
    setPhrase: ({ principal, body }) => all(() => phrases.set(principal.name, body.phrase)),
    addDevice: ({ principal, body }) => all(() => accounts.addDevice(principal.name, body)),
    approvals: ({ principal }) => approvals.open(principal.name),
    answerApproval: ({ principal: { name, keyid }, path, body }) =>
      all(() => approvals.answer(name, keyid, path.approval ?? "", body)),
  } satisfies Partial<Calls>;
}

/** What an administrator asks. */
function officeCalls({ store }: House, { merchants, eligibility, settlements }: Rooms) {
  const all = <T>(change: () => T): T => store.transaction(change);
  return {
    registerMerchant: ({ body }) => all(() => merchants.registerMerchant(body)),
    registerStore: ({ body }) => all(() => merchants.registerStore(body)),
    registerGateway: ({ body }) => all(() => merchants.registerGateway(body)),
    setEligibility: ({ path, body }) => all(() => eligibility.set(path.account ?? "", body)),
    settlement: ({ path }) => settlements.of(path.day ?? ""),
    settlementLines: ({ path, query }) => settlements.lines(path.day ?? "", query.after),
    revokeGateway: ({ path }) => all(() => merchants.revoke(path.gateway ?? "")),
  } satisfies Partial<Calls>;
}

/** What gateways ask. */
function gatewayCalls({ store }: House, rooms: Rooms) {
  const { allowances, beacons, changes, accountData, eligibility, forwards, ledger } = rooms;
  const { merchants, offers, payments, phrases, refunds } = rooms;
  const all = <T>(change: () => T): T => store.transaction(change);
  return {
    enrolGateway: ({ principal, body }) => all(() => merchants.enrol(principal.name, body)),
    turnGatewayKeys: ({ principal, body }) =>
      all(() => merchants.announceKeys(principal.name, body)),
    registerBeacons: ({ principal, body }) =>
      all(() => beacons.register(principal.name, body.hardware_ids)),
    askAccountData: ({ principal, body }) => all(() => accountData.tell(principal.name, body)),
    authorise: (asked) => payments.authorise(asked.principal.name, key(asked), asked.body),
    conduct: (asked) => payments.conduct(asked.principal.name, key(asked), asked.body),
    attest: ({ principal, body }) => all(() => eligibility.attest(principal.name, body)),
    showContent: ({ principal, body }) => offers.show(principal.name, body),
    checkAnswer: ({ principal, body }) => all(() => phrases.check(principal.name, body)),
    askVoices: ({ principal, body }) => rooms.voices.ask(principal.name, body),
    beginChange: ({ principal, body }) => all(() => changes.begin(principal.name, body)),
    proveChange: ({ principal, body }) => all(() => changes.prove(principal.name, body)),
    endChange: ({ principal, body }) => all(() => changes.end(principal.name, body.change)),
    capture: (asked) => payments.capture(asked.principal.name, key(asked), asked.body),
    forward: (asked) => forwards.forward(asked.principal.name, key(asked), asked.body),
    release: ({ principal, body }) => all(() => allowances.release(principal.name, body)),
    refund: (asked) => refunds.refund(asked.principal.name, key(asked), asked.body),
    reverse: (asked) => payments.reverse(asked.principal.name, key(asked), asked.body),
    ledger: ({ principal, query }) => ledger.page(principal.name, query.after),
  } satisfies Partial<Calls>;
}
