/**
 * Faults to plant in what a lane does besides a plain charge: questions to phones, baskets that are
 * not for everybody, answers that tell who it is, refunds and account data.
 */
import type { Mutation } from "./mutations.ts";

export const laneMutations: readonly Mutation[] = [
  {
    name: "a charge above the limit is not asked about",
    faults: "modest_shoppers",
    edits: [{
      file: "deploy/issuer/rooms/approvals.ts",
      find: 'if (!there && amount_minor > own.sale_minor) return "over_sale_limit";',
      put: "",
    }],
  },
  {
    name: "more is charged than the phone agreed to",
    faults: "modest_shoppers,says_less",
    edits: [{
      file: "deploy/issuer/rooms/approvals.ts",
      find: 'return amount_minor <= found.answer_minor ? undefined : "more_than_approved";',
      put: "return undefined;",
    }, {
      file: "actors/payment_setup.ts",
      find: "charge_minor: context.approval_answer?.amount_minor ?? context.charge_minor,",
      put: "charge_minor: context.charge_minor,",
    }],
  },
  {
    name: "an answer counts that came too late",
    faults: "modest_shoppers,says_late",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/approvals.ts",
      find: "if (found.ended !== null || found.expires_ms <= clock.now_ms()) {",
      put: 'if (found.ended === "withdrawn") {',
    }],
  },
  {
    name: "a second device changes the answer",
    faults: "modest_shoppers,says_less,two_devices",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/approvals.ts",
      find:
        'if (found.ended === "answered") return { approval, amount_minor: found.answer_minor };',
      put: "",
    }, {
      file: "deploy/issuer/rooms/approvals.ts",
      find: "if (found.ended !== null || found.expires_ms <= clock.now_ms()) {",
      put: 'if (found.ended === "withdrawn" || found.expires_ms <= clock.now_ms()) {',
    }],
  },
  {
    name: "staff sell what the issuer does not attest",
    faults: "restricted_baskets,careless_staff",
    hours: 0.5,
    edits: [{
      file: "actors/payment_guards.ts",
      find: "  isEligible: ({ context }: At) =>\n" +
        "    needsOf(context.items).every((need) => context.attested.includes(need)),",
      put: "  isEligible: () => true,",
    }, {
      file: "deploy/issuer/rooms/charge_rules.ts",
      find: '    : "not_eligible";\n',
      put: "    : eligibility === undefined ? account : undefined;\n",
    }],
  },
  {
    name: "a document that proves nothing is taken",
    faults: "restricted_baskets",
    hours: 0.5,
    edits: [{
      file: "deploy/issuer/rooms/ages.ts",
      find: "    if (fault !== undefined) throw new Refusal(fault);\n",
      put: "",
    }],
  },
  {
    name: "what was shown for one sale proves an age for the next",
    faults: "restricted_baskets,old_proofs",
    hours: 1,
    edits: [{
      file: "deploy/issuer/rooms/ages.ts",
      find: 'if (await faultAs(other) !== fault) throw new Refusal("age_proof_replayed");',
      put: "if (await faultAs(other) === undefined) {\n" +
        "            const proved = this.#asked(account, ask.nonce);\n" +
        "            return store.transaction(() => this.#note(proved));\n" +
        "          }",
    }],
  },
  {
    name: "what was taken out of the basket is charged",
    faults: "restricted_baskets",
    edits: [{
      file: "actors/payment_facts.ts",
      find: "charge_minor: items.reduce((sum, { amount_minor }) => sum + amount_minor, 0),",
      put: "charge_minor: context.charge_minor,",
    }],
  },
  {
    name: "any answer tells who it is",
    faults: "mumbles,recogniser_unsure,twins",
    hours: 0.3,
    edits: [{
      file: "runtime/sync/challenge.ts",
      find: " && tidy(initials) === tidy(answer);\n",
      put: ' && answer !== "";\n',
    }],
  },
  {
    name: "any phrase tells who it is",
    faults: "mumbles,recogniser_unsure,twins",
    hours: 0.5,
    edits: [{
      file: "deploy/issuer/rooms/phrases.ts",
      find: "return vault.equal(vault.slowHash(utf8(tidy(answer)), kept.salt), kept.hash);",
      put: "return answer.length > 0;",
    }],
  },
  {
    name: "wrong answers have no end",
    faults: "mumbles,recogniser_unsure,twins",
    hours: 1,
    edits: [{
      file: "actors/limits.ts",
      find: "  wrong_answers: 3,",
      put: "  wrong_answers: 30,",
    }],
  },
  {
    name: "the name of a refund comes from the clock",
    faults: "brings_back,phone_loss",
    edits: [{
      file: "runtime/intake/counter.ts",
      find: "refundId(options.vault, payment, service_id)",
      put: "refundId(options.vault, payment, `${service_id} ${options.clock.now_ms()}`)",
    }],
  },
  {
    name: "more is given back than was taken",
    faults: "brings_back,greedy_refunds",
    edits: [{
      file: "deploy/issuer/rooms/refunds.ts",
      find: "payment.refunded_minor + ask.amount_minor > payment.captured_minor",
      put: "ask.amount_minor > payment.captured_minor",
    }],
  },
  {
    name: "a refund that was made is told as refused",
    faults: "brings_back",
    edits: [{
      file: "actors/refund.ts",
      find: '"issuer.refunded": { target: "refunded", actions: "noteReceipt" },',
      put: '"issuer.refunded": { target: "refused", actions: "noteReceipt" },',
    }],
  },
  {
    name: "a face that differs changes account data",
    faults: "wants_change,pretends",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/changes.ts",
      find: "return distance <= settings.change_distance ? undefined : differs;",
      put: "return distance <= 2 * settings.change_distance + 9 ? undefined : differs;",
    }],
  },
  {
    name: "what could do harm takes effect at once",
    faults: "wants_change",
    hours: 0.3,
    edits: [{
      file: "deploy/issuer/rooms/changes.ts",
      find: "clock.now_ms() + (risky ? settings.cooling_ms : 0)",
      put: "clock.now_ms() + (risky ? 0 : 0)",
    }],
  },
  {
    name: "who does not turn the head pays all the same",
    edits: [{
      file: "actors/policy.ts",
      find: '    (policy.turns !== "always" || (evidence.turns ?? 0) > 0);',
      put: "    evidence.frames >= 1;",
    }],
  },
  {
    name: "a film pays without a turn of the head",
    faults: "films",
    edits: [{
      file: "actors/policy.ts",
      find: "    policy.accept_liveness.includes(evidence.liveness) &&",
      put: '    ["unsure", ...policy.accept_liveness].includes(evidence.liveness) &&',
    }],
  },
  {
    name: "failed turns of the head have no end",
    faults: "turns_not,turns_wrong",
    hours: 0.3,
    edits: [{ file: "actors/limits.ts", find: "  failed_turns: 3,", put: "  failed_turns: 30," }],
  },
  {
    name: "the last turn of the head counts for whoever comes next",
    edits: [{
      file: "runtime/intake/devices.ts",
      find: "function cameraEvent(",
      put: "const last = new Map<string, number>();\n\nfunction cameraEvent(",
    }, {
      file: "runtime/intake/devices.ts",
      find: "matches.map(({ visit, frames, liveness, turns }) => ({",
      put: "matches.map(({ visit, frames, liveness, turns = last.get(camera) }) => (" +
        "turns && last.set(camera, turns), {",
    }],
  },
  {
    name: "account data changes without a turn of the head",
    faults: "wants_change",
    hours: 0.3,
    edits: [{
      file: "runtime/gateway.ts",
      find: 'always: policies.turns === "always", ask',
      put: "always: false, ask",
    }],
  },
  {
    name: "digits said aloud charge whoever is named first",
    faults: "recogniser_confuse,others_speak",
    hours: 0.4,
    edits: [{
      file: "runtime/intake/voices.ts",
      find: '{ outcome: "right" as const, visit: answer.visit }',
      put: '{ outcome: "right" as const, visit: [...command.visits].sort()[0] }',
    }],
  },
  {
    name: "wrong digits said aloud have no end",
    faults: "recogniser_confuse,digits_wrong",
    hours: 0.4,
    edits: [{
      file: "actors/payment_guards.ts",
      find: 'event.type === "voice.heard" && event.attempt === context.prompts &&\n' +
        '  event.outcome === "wrong" && context.wrong_answers + 1 >= limits.wrong_answers;',
      put: 'event.type === "voice.heard" && event.attempt === context.prompts &&\n' +
        '  event.outcome === "wrong" && context.wrong_answers + 1 >= 30;',
    }],
  },
];
