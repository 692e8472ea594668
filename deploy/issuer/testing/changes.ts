/** A change of account data at a lane of the town, step by step. */
import { sealTemplate } from "../../../runtime/sync/contract/templates.ts";
import type { ProofOfLife, WantedChange } from "../../../runtime/sync/contract/schemas.ts";
import { nodeVault as vault } from "../../../runtime/vault/node.ts";
import { face, type Shop, type Town } from "./town.ts";

let changes = 0;

/** The lane announces it; answers what goes into the proof. */
export async function begin(
  { client }: Shop,
  check_in: string,
  wanted: WantedChange,
  change = `change-${++changes}`,
) {
  const body = { change, check_in, lane: "1", operator: "ana", wanted };
  const { nonce, expires_ms } = await client.call("beginChange", { body });
  return { change, nonce, expires_ms };
}

export interface Proof {
  /** Whose face stands there. */
  readonly face: number;
  readonly nonce?: string;
  readonly evidence?: Partial<ProofOfLife>;
  readonly template?: ReturnType<typeof face>;
}

/** What a lane says of the face that stands there. */
export function proofOf(
  place: Town,
  shop: Shop,
  begun: { readonly change: string; readonly nonce: string },
  proof: Proof,
) {
  const { change } = begun;
  const evidence = {
    camera: "till-1",
    frames: 5,
    liveness: "passed" as const,
    seen_at_ms: place.clock.now_ms(),
    ...proof.evidence,
  };
  const nonce = proof.nonce ?? begun.nonce;
  const { gateway } = shop;
  const context = { to: "issuer", gateway, lane: "1", change, nonce, ...evidence } as const;
  const template = proof.template ?? face(proof.face);
  const probe = sealTemplate(vault, place.issuerSealingKey, context, template);
  return { change, lane: "1", evidence, probe };
}

/** The face is held against the account's own, at the issuer. */
export function prove(
  place: Town,
  shop: Shop,
  begun: { readonly change: string; readonly nonce: string },
  proof: Proof,
) {
  return shop.client.call("proveChange", { body: proofOf(place, shop, begun, proof) });
}
