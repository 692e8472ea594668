/** A shopper at the till, what a lane asks, and an acquirer whose answers tests hold back. */
import assert from "node:assert/strict";
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { Acquirer } from "../acquirer.ts";
import { testAcquirer } from "../test_acquirer.ts";
import type { IssuerSettings } from "../world.ts";
import { settled } from "./clock.ts";
import { comeIn, saleTo } from "./stories.ts";
import { newShopper, openShop, type Shop, town } from "./town.ts";

export type Sale = z.input<typeof schemas.authorise>;

export const authorise = (shop: Shop, body: Sale, key = `auth-${body.payment}`) =>
  shop.client.call("authorise", { key, body });

export async function authorised(shop: Shop, body: Sale, key?: string): Promise<string> {
  const answer = await authorise(shop, body, key);
  assert.equal(answer.outcome, "authorised", JSON.stringify(answer));
  return answer.outcome === "authorised" ? answer.authorisation : "";
}

export const capture =
  (shop: Shop, payment: string, authorisation: string, amount_minor = 1_250) =>
  (key = `cap-${payment}`, currency = "EUR") =>
    shop.client.call("capture", { key, body: { payment, authorisation, amount_minor, currency } });

export const reverse = (shop: Shop, payment: string, key = `rev-${payment}`) =>
  shop.client.call("reverse", { key, body: { payment, reason: "operator cancelled" } });

export const ledgerOf = async (shop: Shop) =>
  (await shop.client.call("ledger")).payments.map(({ payment, state, amount_minor, captures }) => ({
    payment,
    state,
    amount_minor,
    captures,
  }));

export async function scene(
  instrument = "test_ok",
  acquirer?: Acquirer,
  settings: Partial<IssuerSettings> = {},
) {
  const place = await town({ settings, ...(acquirer ? { acquirer } : {}) });
  const shop = await openShop(place);
  const ada = await newShopper(place, 1, instrument);
  const { check_in, tokens } = await comeIn(place, shop, ada, 4);
  const sale = (payment = "p-1", token = 0) =>
    saleTo(place, check_in, tokens[token] ?? "", payment);
  return { place, shop, ada, check_in, tokens, sale };
}

/** An acquirer that keeps its answers back until told, and notes what it was asked. */
export function heldAcquirer() {
  const asked: string[] = [];
  const gates: (() => void)[] = [];
  const real = testAcquirer();
  type Named = { readonly reference: string };
  const held = <Request extends Named | readonly Named[], Answer>(
    name: string,
    call: (request: Request) => Promise<Answer>,
  ) =>
  async (request: Request): Promise<Answer> => {
    const all: readonly Named[] = "reference" in request ? [request] : request;
    asked.push(`${name} ${all.map(({ reference }) => reference).join(" ")}`);
    await new Promise<void>((resolve) => gates.push(resolve));
    return call(request);
  };
  const acquirer: Acquirer = {
    authorise: held("authorise", real.authorise),
    capture: held("capture", real.capture),
    refund: held("refund", real.refund),
    reverse: held("reverse", real.reverse),
    reverseAll: held("reverse", real.reverseAll),
  };
  const answerAll = async () => {
    await settled();
    for (const gate of gates.splice(0)) gate();
    await settled();
  };
  return { acquirer, asked, answerAll };
}
