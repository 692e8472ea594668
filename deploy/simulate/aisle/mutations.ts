/** Faults to plant into a copy of the sources that the auditor's book of trips must find. */
import type { Mutation } from "../mutations.ts";

export const aisleMutations: readonly Mutation[] = [
  {
    name: "each try hands a trip over under another name",
    edits: [{
      file: "runtime/sync/retailer.ts",
      find: "    idempotentShoppingTripId: trip,\n    storeId,",
      put: "    idempotentShoppingTripId: `${trip}-${requestId.slice(0, 4)}`,\n    storeId,",
    }],
  },
  {
    name: "a cart costs more than its retailer said",
    edits: [{
      file: "deploy/issuer/rooms/charges.ts",
      find: '      operator: "walk-out",\n      amount_minor: total_minor,',
      put: '      operator: "walk-out",\n      amount_minor: total_minor + 1,',
    }],
  },
  {
    name: "nobody is asked about a cart above the limit",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/charges.ts",
      find: "    const question = most\n",
      put: "    const question = most || replaced_minor >= 0\n",
    }],
  },
  {
    name: "what a trip held before stays held when more is",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/charging.ts",
      find: "if (payment.tries === 1) return false;",
      put: "if (payment.tries < 1_000) return false;",
    }],
  },
  {
    name: "more is given back than a trip cost",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/refunds.ts",
      find: "if (payment.refunded_minor + ask.amount_minor > payment.captured_minor) {",
      put: "if (ask.amount_minor < 0) {",
    }],
  },
  {
    name: "a line may be disputed for ever",
    hours: 0.5,
    edits: [{
      file: "deploy/issuer/rooms/disputes.ts",
      find: "if (this.house.clock.now_ms() - since_ms > this.house.settings.disputable_ms) {",
      put: "if (since_ms < 0) {",
    }],
  },
  {
    name: "the retailer never hears of a disputed line",
    hours: 0.5,
    edits: [{
      file: "actors/cart.ts",
      find: 'const closes = ["tellRetailer" as const, "noteClosed" as const];',
      put: 'const closes = ["noteClosed" as const];',
    }],
  },
  {
    name: "a face opens a gate that may be a picture",
    hours: 0.3,
    faults: "recogniser_unsure",
    edits: [{
      file: "actors/gate.ts",
      find: "context.face.accept_liveness.includes(liveness)",
      put: "liveness.length > 0",
    }],
  },
  // At its own gate the memory of the desk is enough of a guard while the gateway runs.
  {
    name: "a code at the gate opens again",
    hours: 0.3,
    faults: "copied_codes,readings_repeated",
    edits: [{
      file: "deploy/issuer/rooms/trips.ts",
      find:
        'if (tables.entry.get(read.iss, read.jti) !== undefined) return { reason: "code_spent" };',
      put: "",
    }, {
      file: "deploy/issuer/rooms/trips.ts",
      find: "if (spend !== undefined) entry.insert({ account, trip: ask.trip, ...spend });",
      put: "if (spend === undefined) entry.get(account, ask.trip);",
    }],
  },
];
