/**
 * Identity documents of ISO/IEC 18013-5 as proofs of an age: a trusted authority's signature, the
 * document's own over this session, and one `age_over_NN`. Reads the clock of the machine.
 */
// @ts-types="./mdl.d.ts"
import { DataItem, type MDoc, VerificationAssessmentId, Verifier } from "@auth0/mdl";
// @ts-types="./mdl.d.ts"
import { cborEncode } from "@auth0/mdl/lib/cbor/index.js";
import { RuntimeError } from "../../runtime/errors.ts";
import type { AgeProofFault, AgeProofs, AgeSession } from "./age_proofs.ts";

/** A driving licence, and the European proof of age; both name ages alike. */
const nameSpaces: Readonly<Record<string, string>> = {
  "org.iso.18013.5.1.mDL": "org.iso.18013.5.1",
  "eu.europa.ec.av.1": "eu.europa.ec.av.1",
};

const { ISSUER_AUTH, DEVICE_AUTH, DATA_INTEGRITY } = VerificationAssessmentId;
/** What makes a check fail, the gravest first. The country of a certificate is no matter of age. */
const faults: readonly (readonly [AgeProofFault, readonly string[]])[] = [
  ["age_proof_untrusted", [ISSUER_AUTH.IssuerCertificateValidity]],
  ["age_proof_forged", [
    ISSUER_AUTH.IssuerSignatureValidity,
    ISSUER_AUTH.MsoSignedDateWithinCertificateValidity,
    DATA_INTEGRITY.IssuerAuthDigestAlgorithmSupported,
    DATA_INTEGRITY.IssuerAuthNamespaceDigestPresence,
    DATA_INTEGRITY.AttributeDigestMatch,
  ]],
  ["age_proof_expired", [ISSUER_AUTH.MsoValidityAtVerificationTime]],
  ["age_proof_device_wrong", Object.values(DEVICE_AUTH)],
];

/** `roots`: certificates in PEM, one after the other. Throws `RuntimeError` `usage`. */
export function mdocAgeProofs(roots: string): AgeProofs {
  const certificates = roots.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (certificates === null) {
    throw new RuntimeError("usage", "the file of age authorities holds no certificate in PEM");
  }
  const verifier = new Verifier(certificates);
  return { faultOf: (...asked) => faultOf(verifier, ...asked) };
}

async function faultOf(
  verifier: Verifier,
  response: Uint8Array,
  session: AgeSession,
  years: number,
): Promise<AgeProofFault | undefined> {
  const failed = new Set<string>();
  let read: MDoc | undefined;
  try {
    read = await verifier.verify(response, {
      encodedSessionTranscript: transcriptOf(session),
      onCheck: ({ status, id }) => void (status === "FAILED" && failed.add(id)),
    });
  } catch {
    // A library for well-formed documents throws at all others, in as many ways as there are.
  }
  const found = faults.find(([, checks]) => checks.some((check) => failed.has(check)));
  if (found) return found[0];
  const [document, ...more] = read?.documents ?? [];
  const nameSpace = nameSpaces[document?.docType ?? ""];
  if (!document || more.length > 0 || nameSpace === undefined) return "age_proof_unreadable";
  return faultOfAges(document.getIssuerNameSpace(nameSpace) ?? {}, years);
}

/** Whoever is over 21 is over 18, and whoever is not over 18 is not over 21. */
function faultOfAges(
  values: Readonly<Record<string, unknown>>,
  years: number,
): AgeProofFault | undefined {
  const ages = Object.entries(values).flatMap(([name, value]) => {
    const age = /^age_over_(\d\d)$/.exec(name)?.[1];
    return age === undefined ? [] : [{ age: Number(age), value }];
  });
  if (ages.some(({ age, value }) => value === false && age <= years)) return "age_proof_under";
  const over = ages.some(({ age, value }) => value === true && age >= years);
  return over ? undefined : "age_proof_missing";
}

/** As ISO/IEC 18013-7, annex B has it. */
function transcriptOf({ wallet_nonce, client_id, response_uri, nonce }: AgeSession): Uint8Array {
  const handover = [wallet_nonce, client_id, response_uri, nonce];
  return cborEncode(DataItem.fromData([null, null, handover]));
}
