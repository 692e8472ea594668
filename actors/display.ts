/**
 * A zone's display: what stands on it, since when and why. It decides what is shown beside a
 * product that somebody holds: nobody sees the same too often, and what is personal is for those
 * who agreed to be shown offers.
 */
import { assign, emit, setup } from "xstate";
import type { OffersAnswered, OffersAsked } from "./display_words.ts";
import { limits } from "./limits.ts";
import {
  type Choice,
  type DisplayEvent,
  type DisplayPolicy,
  type Emitted,
  type Stamped,
  type StoreConfigured,
  tell,
} from "./messages.ts";

/** What a visit, a shelf or a cart tells a display. */
export type DisplayMessage =
  | OffersAnswered
  | { readonly type: "cart.item_picked"; readonly gtin: string; readonly visit: string | null };
export type DisplayTakes =
  & (
    | Extract<StoreConfigured, { type: "store.display_configured" }>
    | DisplayEvent
    | DisplayMessage
  )
  & Stamped;

export interface Subject {
  readonly gtin: string;
  readonly visit: string | null;
  /** Taken from the shelf, not only held before the display. */
  readonly picked: boolean;
  readonly at_ms: number;
}

export interface Shown extends Choice {
  readonly at_ms: number;
}

/** Why something that goes with the product is not shown. */
export type LeftOut = "shown_to_shopper" | "shown_here" | "not_agreed";

interface Showing {
  readonly content: string;
  readonly visit: string | null;
  readonly at_ms: number;
}

export interface DisplayContext {
  readonly id: string;
  readonly languages: readonly string[];
  readonly policy: DisplayPolicy;
  /** Counts what was looked at, so that an answer to an earlier look is not taken. */
  readonly look: number;
  readonly subject: Subject | null;
  readonly choices: readonly Choice[];
  /** The shopper agreed to offers. */
  readonly agreed: boolean;
  readonly shown: Shown | null;
  readonly left_out: readonly { readonly content: string; readonly reason: LeftOut }[];
  /** What was shown of late, for the caps. */
  readonly showings: readonly Showing[];
}

/** Why this may not be shown now; undefined when it may. */
function objection(context: DisplayContext, choice: Choice, now_ms: number): LeftOut | undefined {
  const { policy, subject, showings, agreed } = context;
  if (choice.personal && !agreed) return "not_agreed";
  const before = showings.filter(({ content, at_ms }) =>
    content === choice.content && at_ms > now_ms - policy.within_ms
  );
  if (before.length >= policy.per_display) return "shown_here";
  const visit = subject?.visit ?? null;
  const theirs = before.filter((one) => visit !== null && one.visit === visit);
  return theirs.length >= policy.per_shopper ? "shown_to_shopper" : undefined;
}

/** Shows the best that may be shown, and says of those before it why they are not. */
function decided(context: DisplayContext, now_ms: number): Partial<DisplayContext> {
  const left_out: { content: string; reason: LeftOut }[] = [];
  for (const choice of context.choices) {
    const reason = objection(context, choice, now_ms);
    if (reason !== undefined) {
      left_out.push({ content: choice.content, reason });
      continue;
    }
    const showing = {
      content: choice.content,
      visit: context.subject?.visit ?? null,
      at_ms: now_ms,
    };
    const late = context.showings.filter(({ at_ms }) => at_ms > now_ms - context.policy.within_ms);
    const showings = [...late, showing].slice(-limits.showings);
    return { shown: { ...choice, at_ms: now_ms }, left_out, showings };
  }
  return { shown: null, left_out };
}

/** What was looked at, by whatever told of it. */
function subjectOf(event: DisplayTakes): Subject | null {
  if (event.type === "shopper.looked_at") {
    const { gtin, visit, at_ms } = event;
    return { gtin, visit, picked: false, at_ms };
  }
  if (event.type !== "cart.item_picked") return null;
  const { gtin, visit, at_ms } = event;
  return { gtin, visit, picked: true, at_ms };
}

const display = setup({
  types: {} as {
    context: DisplayContext;
    events: DisplayTakes;
    emitted: Emitted;
    input: { id: string };
  },
  guards: {
    isForThisLook: ({ context, event }) => "look" in event && event.look === context.look,
    isOfSomebody: ({ context, event }) =>
      "look" in event && event.look === context.look && context.subject?.visit != null,
    /** The shopper agreed, and there is something to be shown. */
    isForPhone: ({ context, event }) =>
      event.type === "visit.offers_answered" && event.look === context.look && event.agreed &&
      decided({ ...context, agreed: true }, event.at_ms).shown !== null,
  },
  delays: {
    choiceTimeout: limits.choice_timeout_ms,
    consentTimeout: limits.consent_timeout_ms,
    untilOver: ({ context }) => context.policy.show_ms,
  },
  actions: {
    configure: assign(({ event }) =>
      event.type === "store.display_configured"
        ? { languages: event.languages, policy: event.policy }
        : {}
    ),
    look: assign(({ context, event }) => ({
      look: context.look + 1,
      subject: subjectOf(event),
      choices: [],
      agreed: false,
      shown: null,
      left_out: [],
    })),
    askForChoices: emit(({ context }) => ({
      type: "content.choose",
      display: context.id,
      look: context.look,
      gtin: context.subject?.gtin ?? "",
      languages: context.languages,
    })),
    takeChoices: assign(({ event }) =>
      event.type === "content.chosen" ? { choices: event.choices.slice(0, limits.choices) } : {}
    ),
    askVisit: emit(({ context }) =>
      tell<OffersAsked>(`visit/${context.subject?.visit}`, {
        type: "display.offers_asked",
        display: context.id,
        look: context.look,
      })
    ),
    takeAnswer: assign(({ event }) =>
      event.type === "visit.offers_answered" ? { agreed: event.agreed } : {}
    ),
    decide: assign(({ context, event }) => decided(context, event.at_ms)),
    /** The phone too, for those who agreed: the issuer learns of nobody else's looks. */
    showOnPhone: emit(({ context }) => ({
      type: "issuer.show_content",
      visit: context.subject?.visit ?? "",
      gtin: context.subject?.gtin ?? "",
      picked: context.subject?.picked ?? false,
      content: context.shown?.content ?? "",
      entity: context.shown?.entity ?? "",
      personal: context.shown?.personal ?? false,
    })),
    /** Taken, with nothing to add. */
    agree: assign({}),
    clear: assign({
      subject: null,
      choices: [],
      agreed: false,
      shown: null,
      left_out: [],
    }),
  },
});

const looked = {
  target: "choosing" as const,
  reenter: true,
  actions: ["look", "askForChoices"] as const,
};
const looks = { "shopper.looked_at": looked, "cart.item_picked": looked };
/** Answers to an earlier look. */
const late = {
  "content.chosen": { actions: "agree" },
  "visit.offers_answered": { actions: "agree" },
} as const;

export const displayMachine = display.createMachine({
  id: "display",
  context: ({ input }) => ({
    id: input.id,
    languages: [],
    policy: { show_ms: 30_000, per_shopper: 1, per_display: 1, within_ms: 600_000 },
    look: 0,
    subject: null,
    choices: [],
    agreed: false,
    shown: null,
    left_out: [],
    showings: [],
  }),
  initial: "unconfigured",
  on: { "store.display_configured": { actions: "configure" } },
  states: {
    unconfigured: {
      on: { "store.display_configured": { target: "idle", actions: "configure" } },
    },
    /** Nobody holds anything before it. */
    idle: { on: { ...looks, ...late } },
    /** What goes with the product is being looked up. */
    choosing: {
      on: {
        ...looks,
        "content.chosen": [
          {
            guard: "isOfSomebody",
            target: "awaiting_consent",
            actions: ["takeChoices", "askVisit"],
          },
          { guard: "isForThisLook", target: "showing", actions: ["takeChoices", "decide"] },
          { actions: "agree" },
        ],
        "visit.offers_answered": { actions: "agree" },
      },
      after: { choiceTimeout: { target: "showing", actions: "decide" } },
    },
    /** The visit says whether its shopper agreed to offers; silence is no. */
    awaiting_consent: {
      on: {
        ...looks,
        "content.chosen": { actions: "agree" },
        "visit.offers_answered": [
          {
            guard: "isForPhone",
            target: "showing",
            actions: ["takeAnswer", "decide", "showOnPhone"],
          },
          { guard: "isForThisLook", target: "showing", actions: ["takeAnswer", "decide"] },
          { actions: "agree" },
        ],
      },
      after: { consentTimeout: { target: "showing", actions: "decide" } },
    },
    showing: {
      on: { ...looks, ...late },
      after: { untilOver: { target: "idle", actions: "clear" } },
    },
  },
});
