/**
 * The retailer's own system as a gateway sees it, after the published Just Walk Out connector: who
 * is admitted, and who has taken what. Prices never come this way.
 */
import { z } from "zod";
import type { DurableCommand } from "../../actors/messages.ts";
import type { AdmissionAnswer, VolatileTripCommand } from "../../actors/walkout.ts";
import type { EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { fromUtf8, utf8, uuidOf } from "../vault/bytes.ts";
import type { Clock, Random, RetailerLink } from "../world.ts";
import { readBody } from "./contract/signatures.ts";

type Submit = Extract<DurableCommand, { type: "retailer.submit_purchase" }>;
type Tell = Extract<DurableCommand, { type: "retailer.tell_dispute" }>;
type Verify = Extract<VolatileTripCommand, { type: "retailer.verify_identity" }>;

export interface Retailer {
  /** Rejects with `RuntimeError` `retailer_unreachable` when there is no answer. */
  verifyIdentity(command: Verify, signal: AbortSignal): Promise<AdmissionAnswer>;
  /** Hands a finished trip over, or tells of a line that was given back. Rejects with
   * `retailer_unreachable` when that may be tried again, under the same name. */
  submit(command: DurableCommand, key: string, signal: AbortSignal): Promise<EventLike>;
}

const visitor = z.object({
  visitorDetails: z.object({
    id: z.string().min(1).max(255),
    type: z.enum(["SHOPPER", "ASSOCIATE"]),
  }),
});
const acknowledged = z.object({ purchaseId: z.string().min(1).max(255) });

const base64 = (text: string) => btoa(String.fromCharCode(...utf8(text)));
const iso = (at_ms: number) => new Date(at_ms).toISOString();

/** The body of `POST /v1/order/purchases`. */
function purchaseOf(command: Submit, storeId: string, requestId: string) {
  const { trip, entered_at_ms, left_at_ms, visitor, visitor_type, entry, lines } = command;
  return {
    requestId,
    idempotentShoppingTripId: trip,
    storeId,
    shoppingTrip: {
      startTime: iso(entered_at_ms),
      endTime: iso(Math.max(entered_at_ms, left_at_ms)),
      authEvents: [{
        id: trip,
        timestamp: iso(entered_at_ms),
        location: entry === "associate" ? "MANUAL_IN_STORE" : "ENTRY",
        payloadType: "SCAN_CODE",
        scanResult: { id: visitor, type: visitor_type },
      }],
    },
    cartItems: lines.map(({ gtin, units }, index) => ({
      id: gtin,
      type: "SCANCODE",
      quantity: { value: `${units}.0`, unit: "unit" },
      externalIdentifiers: [{ id: gtin, type: "GTIN" }],
      lineItemId: String(index + 1),
    })),
    shopperIdentity: { id: visitor },
  };
}

export function createRetailer(
  { link, clock, random, store }: {
    readonly link: RetailerLink;
    readonly clock: Clock;
    readonly random: Random;
    readonly store: string;
  },
): Retailer {
  const { origin, key } = link;

  /** What was sent may have got lost: it is not waited for for ever. */
  async function inTime<T>(
    given: AbortSignal,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController();
    const cancel = clock.after(limits.retailer_answer_ms, () => late.abort());
    try {
      return await ask(AbortSignal.any([given, late.signal]));
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const wait = `${limits.retailer_answer_ms / 1_000} s`;
      const message = `the retailer at ${origin} did not answer in ${wait}: is it there?`;
      throw new RuntimeError("retailer_unreachable", message);
    } finally {
      cancel();
    }
  }

  const post = (path: string, body: unknown, signal: AbortSignal) =>
    inTime(signal, (one) => send(path, body, one));

  async function send(
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<{ status: number; body: unknown }> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (key !== undefined) headers["authorization"] = `Bearer ${key}`;
    const request = new Request(new URL(path, origin), {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    });
    const answer = await link.fetch(request);
    const bytes = await readBody(answer.body, limits.retailer_bytes);
    try {
      return { status: answer.status, body: JSON.parse((bytes && fromUtf8(bytes)) ?? "") };
    } catch {
      return { status: answer.status, body: undefined };
    }
  }

  const unreachable = (status: number) =>
    new RuntimeError("retailer_unreachable", `the retailer at ${origin} answered ${status}`);

  async function tellDispute(
    { trip, dispute, gtin, units }: Tell,
    signal: AbortSignal,
  ): Promise<EventLike> {
    const { status } = await post("/v1/order/disputes", {
      // The same dispute again is the same request.
      requestId: dispute,
      idempotentShoppingTripId: trip,
      storeId: store,
      ...(gtin === null ? {} : { externalIdentifiers: [{ id: gtin, type: "GTIN" }] }),
      quantity: { value: `${units}.0`, unit: "unit" },
    }, signal);
    // The published contract has no such operation: a retailer without it has heard enough.
    if (status < 400 || status === 400 || status === 404 || status === 405) {
      return { type: "retailer.dispute_noted", dispute };
    }
    throw unreachable(status);
  }

  return {
    async verifyIdentity({ entry, identity_key, at_ms }, signal) {
      const { status, body } = await post("/v1/identity/identity-keys", {
        // The same gate event again is the same question.
        requestId: entry,
        identityKey: base64(identity_key),
        storeId: store,
        authEvent: { id: entry, timestamp: iso(at_ms), location: "ENTRY" },
        keyChannel: "OPTICAL",
      }, signal);
      const known = visitor.safeParse(body);
      if (status === 200 && known.success) {
        const { id, type } = known.data.visitorDetails;
        return { type: "retailer.admitted", entry, visitor: id, visitor_type: type };
      }
      const reasons: Record<number, string> = {
        400: "retailer_refused_request",
        401: "retailer_refused",
        403: "retailer_key_wrong",
        429: "retailer_busy",
      };
      const reason = reasons[status];
      if (reason === undefined) throw unreachable(status);
      return { type: "retailer.not_admitted", entry, reason };
    },
    async submit(command, _key, signal) {
      if (command.type === "retailer.tell_dispute") return await tellDispute(command, signal);
      const trip = command as Submit;
      const requestId = uuidOf(random.bytes(16));
      const { status, body } = await post(
        "/v1/order/purchases",
        purchaseOf(trip, store, requestId),
        signal,
      );
      const taken = acknowledged.safeParse(body);
      if (status === 201 && taken.success) {
        return { type: "retailer.purchase_acknowledged", purchase: taken.data.purchaseId };
      }
      // Said of this trip, and for good; anything else may be said otherwise next time.
      if (status === 400 || status === 413 || status === 422) {
        return { type: "retailer.purchase_refused", reason: `retailer answered ${status}` };
      }
      throw unreachable(status);
    },
  };
}
