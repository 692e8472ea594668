/**
 * Faults to plant into a copy of the sources, one at a time: each breaks one promise of the house,
 * and the auditor must find it without being told. Several of them were once really there.
 */
import { aisleMutations } from "./aisle/mutations.ts";
import { laneMutations } from "./mutations_lane.ts";

export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Hours that a store must be open for it to come to light; by default a few minutes. */
  readonly hours?: number;
  /** Faults of the store in which it is looked for; by default those that a day draws. */
  readonly faults?: string;
}

const one = (
  name: string,
  file: string,
  find: string,
  put: string,
  where: Pick<Mutation, "hours" | "faults"> = {},
): Mutation => ({ name, edits: [{ file, find, put }], ...where });

export const mutations: readonly Mutation[] = [
  one(
    "callers are answered before the commit",
    "runtime/engine/create.ts",
    "      const batch = draft.batch();",
    "      this.#ticks.actors.publish(draft.records.values(), draft.changes);\n" +
      "      this.#afterCommit(tick);\n      const batch = draft.batch();",
    { faults: "disk_failures,disk_full", hours: 0.3 },
  ),
  one(
    "a key made from the clock",
    "runtime/sync/outbox.ts",
    "options.send(command, key, stopping.signal, repeat)",
    "options.send(command, `${key}-${clock.now_ms()}`, stopping.signal, repeat)",
  ),
  one(
    "timers are lost in a restart",
    "runtime/engine/actors.ts",
    "return { ...row, kind, last_ms: undefined, last_type: undefined };",
    "return { ...row, kind, last_ms: undefined, last_type: undefined, timers: [] };",
  ),
  one(
    "a template outlives its check-in",
    "actors/visit.ts",
    'const ending = ["end" as const, "wipe" as const, "returnAllowances" as const];',
    'const ending = ["end" as const, "returnAllowances" as const];',
  ),
  // Either place alone is enough of a guard in all but a store that was cut off for hours.
  {
    name: "a template stays that came after the end",
    faults: "passers_by,link_slow",
    edits: [{
      file: "runtime/sync/account_data.ts",
      find: "    await galleries.wipe(check_in);\n    return undefined;",
      put: "    return undefined;",
    }, {
      file: "runtime/intake/galleries.ts",
      find: "      if (ended.has(visit)) {\n        template",
      put: "      if (ended.size < 0) {\n        template",
    }, {
      file: "runtime/intake/galleries.ts",
      find: "    if (!ended.has(visit)) return",
      put: "    if (ended.size >= 0) return",
    }],
  },
  one(
    "a token is used again",
    "actors/visit.ts",
    "released(context, event.token_spent, event.allowance_used)",
    "released(context, false, event.allowance_used)",
  ),
  one(
    "a reversal is forgotten",
    "actors/payment_endings.ts",
    'actions: ["noteReason" as const, "reverse" as const],',
    'actions: ["noteReason" as const],',
  ),
  {
    name: "a cancelled payment reverses nothing",
    edits: [{
      file: "actors/payment_endings.ts",
      find: 'const reversal = {\n  target: "reversing" as const,\n' +
        '  actions: ["noteReason" as const, "reverse" as const],',
      put: 'const reversal = {\n  target: "cancelled" as const,\n' +
        '  actions: ["noteReason" as const],',
    }],
  },
  one(
    "repeated messages are taken again",
    "runtime/engine/turn.ts",
    "message.sequence <= lastHeard(record.heard, message.from)",
    "false",
  ),
  one(
    "a repeated request is done again",
    "deploy/issuer/rooms/idempotency.ts",
    "if (row?.answer) return { answer: JSON.parse(row.answer) };",
    "",
  ),
  one(
    "the acquirer is not told to let go",
    "deploy/issuer/rooms/letting_go.ts",
    "? [await acquirer.reverse(only)]",
    '? [{ outcome: "reversed" } as Awaited<ReturnType<typeof acquirer.reverse>>]',
  ),
  {
    name: "two lanes may reserve one visit",
    faults: "twins,modest_shoppers,says_nothing",
    hours: 0.3,
    edits: [{
      file: "actors/visit.ts",
      find: "      context.held_by === null && context.template && context.tokens.length > 0,",
      put: "      context.template && context.tokens.length > 0,",
    }],
  },
  {
    name: "evidence is not held against the policy",
    edits: [{
      file: "actors/policy.ts",
      find: "policy.accept_liveness.includes(evidence.liveness)",
      put: "policy !== undefined",
    }, {
      file: "deploy/issuer/rooms/charge_rules.ts",
      find: "if (!store.accept_liveness.includes(evidence.liveness))",
      put: "if (store.accept_liveness.length === 0)",
    }],
  },
  one(
    "silence is taken for a refusal",
    "runtime/sync/outbox.ts",
    'if (!(error instanceof RuntimeError) || error.kind !== "issuer_refused") throw error;',
    "if (!(error instanceof RuntimeError)) throw error;",
    { faults: "link_loss,partitions_per_hour" },
  ),
  one(
    "a refused capture counts as captured",
    "actors/payment_settling.ts",
    '"issuer.capture_refused": reversal,',
    '"issuer.capture_refused": { target: "captured" },',
  ),
  one(
    "the id of a payment comes from the clock",
    "runtime/intake/payment_id.ts",
    "JSON.stringify([pos.poi_id, pos.sale_id, pos.service_id])",
    "JSON.stringify([pos.poi_id, pos.sale_id, pos.service_id, now_ms])",
  ),
  one(
    "an incarnation that stays the same",
    "runtime/engine/create.ts",
    "incarnation: hex(options.random.bytes(8)),",
    'incarnation: "0000000000000000",',
    { faults: "restores_per_hour", hours: 0.5 },
  ),
  one(
    "a signed request may be replayed",
    "deploy/issuer/authority.ts",
    'if (admitted === "replayed") throw new Refusal("signature_replayed");',
    "",
  ),
  one(
    "old codes check in",
    "deploy/issuer/rooms/beacons.ts",
    'if (fits(now - age)) throw new Refusal("code_stale");',
    "if (fits(now - age)) return now - age;",
    { faults: "replays_per_hour" },
  ),
  one(
    "a receipt is promised and not written",
    "deploy/issuer/rooms/ledger.ts",
    "    receipts.insert({",
    "    void ({",
  ),
  one(
    "a payment that ended keeps its reservation",
    "actors/payment_settling.ts",
    'captured: { type: "final", entry: [ended("captured"), spent] },',
    'captured: { type: "final", entry: [ended("captured")] },',
  ),
  {
    name: "an automatic lane keeps whom it saw before",
    faults: "message_delay,message_repeat",
    edits: [{
      file: "actors/lane.ts",
      find: "      event.glance !== context.glance,",
      put: "      event.glance > context.glance,",
    }],
    hours: 0.5,
  },
  // With the check alone gone the tokens would still be: they end with the check-in.
  {
    name: "the issuer charges those who have left",
    faults: "leaves_in_mid_sale,link_slow",
    edits: [{
      file: "deploy/issuer/rooms/charge_rules.ts",
      find: 'if (!rooms.checkIns.isLive(check_in)) return { reason: "check_in_ended" };',
      put: "",
    }, {
      file: "deploy/issuer/rooms/check_ins.ts",
      find: "this.tokens.forget(found.check_in);",
      put: "",
    }],
  },
  one(
    "the outbox is not read after a start",
    "runtime/engine/create.ts",
    "      after = last.position;\n    }\n    this.#state",
    "      after = last.position;\n    }\n    this.#ticks.unsettled.clear();\n    this.#state",
  ),
  // Of two sales to one visit, with the issuer back for a moment in between.
  {
    name: "an allowance is used twice",
    hours: 0.5,
    faults: "flaps_per_hour,second_baskets",
    edits: [{
      file: "actors/stand_in.ts",
      find: "if (spent.some((used) => used.allowance === allowance.allowance)) " +
        'return "allowance_spent";',
      put: "",
    }, {
      file: "actors/visit_facts.ts",
      find: "const gone = [context.allowance?.allowance, ...context.used_allowances];",
      put: "const gone: unknown[] = [];",
    }],
  },
  one(
    "what was accepted is forwarded under a new key",
    "runtime/sync/outbox.ts",
    "options.send(command, key, stopping.signal, repeat)",
    'options.send(command, command.type === "issuer.forward" ? `${key}-${repeat}` : key, ' +
      "stopping.signal, repeat)",
  ),
  one(
    "what was accepted is never forwarded",
    "actors/payment_offline.ts",
    'actions: ["noteAccepted", "forward", "releaseUsed"],',
    'actions: ["noteAccepted", "releaseUsed"],',
  ),
  one(
    "more is reserved than the account lets",
    "deploy/issuer/rooms/allowances.ts",
    "const amount_minor = Math.min(most_minor, left_minor);",
    "const amount_minor = Math.min(most_minor, Math.max(left_minor, 5_000));",
  ),
  {
    name: "a sale that an old disk brings back is cancelled unasked",
    hours: 1,
    faults: "restores_per_hour",
    edits: [{
      file: "runtime/intake/start.ts",
      find: ".filter((address) => journal.actor(address)?.done === false);",
      put: ".filter(() => false);",
    }],
  },
  {
    name: "a sale that an old disk does not know is cancelled unasked",
    hours: 1,
    faults: "restores_per_hour",
    edits: [{
      file: "actors/payment_facts.ts",
      find: "    resumed: event.doubtful ?? false,\n",
      put: "",
    }],
  },
  ...laneMutations,
  ...aisleMutations,
];
