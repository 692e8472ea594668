/** The words of a zone's display that cross the walls of this room, and its answer from a visit. */
/** How long content stands on a display, and how often the same is shown within a time. */
export interface DisplayPolicy {
  readonly show_ms: number;
  readonly per_shopper: number;
  readonly per_display: number;
  readonly within_ms: number;
}

/** Content that goes with a product. */
export interface Choice {
  /** Its address. */
  readonly content: string;
  /** For those only who agreed to offers. */
  readonly personal: boolean;
  /** How near the two are, 0 to 1. */
  readonly similarity: number;
  /** The thing that links the two. */
  readonly entity: string;
}

/** Facts about a zone's display. */
export type DisplayEvent =
  /** Somebody holds a product before it. `visit`: whose, where that is known. */
  | {
    readonly type: "shopper.looked_at";
    readonly gtin: string;
    readonly visit: string | null;
  }
  /** What goes with it, best first. */
  | {
    readonly type: "content.chosen";
    readonly look: number;
    readonly choices: readonly Choice[];
  };

/** What a visit tells a display. */
export interface OffersAnswered {
  readonly type: "visit.offers_answered";
  readonly look: number;
  /** The shopper agreed to be shown offers, and may be now. */
  readonly agreed: boolean;
}

/** A display asks a visit: may this shopper be shown offers? */
export interface OffersAsked {
  readonly type: "display.offers_asked";
  readonly display: string;
  readonly look: number;
}
