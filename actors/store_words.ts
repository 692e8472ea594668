/** What the store's configuration says to the actors that stand for places and equipment. */
import type { StandInLimits } from "./allowance.ts";
import type { DisplayPolicy } from "./display_words.ts";
import type { PaymentPolicy } from "./messages.ts";

/** Facts from the configuration, told at every start to the actors that stand for equipment. */
export type StoreConfigured =
  | {
    readonly type: "store.lane_configured";
    readonly zone: string;
    readonly camera: string;
    readonly policy: PaymentPolicy;
    /** The disk may be an old one that was put back: it may have forgotten sales. */
    readonly disk_may_be_old?: boolean;
  }
  | {
    readonly type: "store.beacon_configured";
    readonly zone: string;
    readonly hardware_id: string;
  }
  | {
    readonly type: "store.camera_configured";
    readonly zone: string;
    readonly lane: string;
    /** The gate that it looks at, in place of a lane. */
    readonly gate?: string;
  }
  | {
    readonly type: "store.display_configured";
    readonly languages: readonly string[];
    readonly policy: DisplayPolicy;
  }
  /** Told at every start to payments that have no end, before anything else can happen to them. */
  | { readonly type: "store.sale_resumed" }
  | { readonly type: "store.link_configured"; readonly lanes: readonly string[] }
  | { readonly type: "store.stand_in_configured"; readonly limits: StandInLimits };
