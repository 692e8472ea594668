/**
 * An authority that issues identity documents, and a wallet that presents them: real ones, as
 * ISO/IEC 18013-5 has them, of a country that there is not.
 */
import * as x509 from "@peculiar/x509";
// @ts-types="../mdl.d.ts"
import { DeviceResponse, Document, type Jwk, MDoc } from "@auth0/mdl";
import type { AgeSession } from "../age_proofs.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const docType = "org.iso.18013.5.1.mDL";
const nameSpace = "org.iso.18013.5.1";
const day_ms = 86_400_000;

const newKeys = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

async function jwkOf(key: CryptoKey): Promise<Jwk> {
  const { kty = "", crv = "", x = "", y = "", d } = await crypto.subtle.exportKey("jwk", key);
  return { kty, crv, x, y, ...(d === undefined ? {} : { d }), alg: "ES256" };
}

/** What of a request a wallet answers. */
export type Asked = Pick<AgeSession, "client_id" | "response_uri" | "nonce"> & {
  readonly need: string;
};

export interface TestDocument {
  /** Discloses the age that is asked and signs for this session, or as is said. */
  present(asked: Asked, otherwise?: {
    readonly key?: Jwk;
    readonly discloses?: string;
  }): Promise<{ wallet_nonce: string; response: Uint8Array<ArrayBuffer> }>;
}

export interface TestAuthority {
  /** What an issuer trusts. */
  readonly pem: string;
  /** A document that says these ages, beside a name that is nobody's business. */
  issues(
    ages: Readonly<Record<string, boolean>>,
    valid?: { readonly from_ms: number; readonly until_ms: number },
  ): Promise<TestDocument>;
}

export async function newAuthority(): Promise<TestAuthority> {
  const [rootKeys, signerKeys] = await Promise.all([newKeys(), newKeys()]);
  const now_ms = Date.now();
  const life = {
    notBefore: new Date(now_ms - 400 * day_ms),
    notAfter: new Date(now_ms + 400 * day_ms),
    signingAlgorithm: algorithm,
  };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...life,
    serialNumber: "01",
    name: "CN=Test Authority, C=UT",
    keys: rootKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const signer = await x509.X509CertificateGenerator.create({
    ...life,
    serialNumber: "02",
    subject: "CN=Test Signer, C=UT",
    issuer: root.subject,
    publicKey: signerKeys.publicKey,
    signingKey: rootKeys.privateKey,
  });
  return {
    pem: root.toString("pem"),
    async issues(ages, valid = { from_ms: now_ms - day_ms, until_ms: now_ms + day_ms }) {
      const keys = await newKeys();
      const from = new Date(valid.from_ms);
      const document = await new Document(docType)
        .addIssuerNameSpace(nameSpace, { family_name: "Quist", ...ages })
        .useDigestAlgorithm("SHA-256")
        .addValidityInfo({ signed: from, validFrom: from, validUntil: new Date(valid.until_ms) })
        .addDeviceKeyInfo({ deviceKey: await jwkOf(keys.publicKey) })
        .sign({
          issuerPrivateKey: await jwkOf(signerKeys.privateKey),
          issuerCertificate: signer.toString("pem"),
          alg: "ES256",
        });
      return documentOf(new MDoc([document]).encode(), await jwkOf(keys.privateKey));
    },
  };
}

function documentOf(document: Uint8Array, own: Jwk): TestDocument {
  return {
    async present({ client_id, response_uri, nonce, need }, { key = own, discloses = need } = {}) {
      const wallet_nonce = crypto.randomUUID();
      const path = [`$['${nameSpace}']['${discloses}']`];
      const signed = await DeviceResponse.from(document)
        .usingPresentationDefinition({
          id: "age",
          input_descriptors: [{
            id: docType,
            format: { mso_mdoc: { alg: ["ES256"] } },
            constraints: {
              limit_disclosure: "required",
              fields: [{ path, intent_to_retain: false }],
            },
          }],
        })
        .usingSessionTranscriptForOID4VP(wallet_nonce, client_id, response_uri, nonce)
        .authenticateWithSignature(key, "ES256")
        .sign();
      return { wallet_nonce, response: new Uint8Array(signed.encode()) };
    },
  };
}

/** The key of some other device. */
export const anotherKey = async () => jwkOf((await newKeys()).privateKey);

/** The same bytes with the first `false` of a disclosed value made `true`. */
export function madeTrue(response: Uint8Array): Uint8Array<ArrayBuffer> {
  const forged = new Uint8Array(response);
  const label = new TextEncoder().encode("elementValue");
  for (let at = 0; at + label.length < forged.length; at += 1) {
    const here = label.every((byte, offset) => forged[at + offset] === byte);
    if (!here || forged[at + label.length] !== 0xf4) continue;
    forged[at + label.length] = 0xf5;
    return forged;
  }
  throw new Error("no value in it is false");
}
