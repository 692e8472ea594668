/** The port to whoever reads identity documents, and what may be wrong with one. */

export type AgeProofFault =
  | "age_proof_unreadable"
  | "age_proof_untrusted"
  | "age_proof_forged"
  | "age_proof_expired"
  | "age_proof_device_wrong"
  | "age_proof_missing"
  | "age_proof_under";

/** Of which the session transcript of an OpenID4VP request is made. */
export interface AgeSession {
  readonly client_id: string;
  readonly response_uri: string;
  readonly nonce: string;
  readonly wallet_nonce: string;
}

/** Reads presentations of identity documents. Keeps nothing and takes nothing but the age. */
export interface AgeProofs {
  /** Undefined when the document, signed by an authority that is trusted and by its own key for
   * this session, says that its owner is at least `years` old. Anything may be in `response`. */
  faultOf(
    response: Uint8Array,
    session: AgeSession,
    years: number,
  ): Promise<AgeProofFault | undefined>;
}
