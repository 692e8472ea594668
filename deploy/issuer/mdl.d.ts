/**
 * What of `@auth0/mdl` is used, typed here: its own declarations bring Node's along, which would
 * stand in the place of Deno's for the whole repository.
 */
export declare class DataItem {
  static fromData(data: unknown): DataItem;
}

export declare const cborEncode: (data: unknown) => Uint8Array<ArrayBuffer>;

/** A key in the words of JOSE. */
export interface Jwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly d?: string;
  readonly alg?: string;
}

export declare class IssuerSignedDocument {
  readonly docType: string;
  getIssuerNameSpace(nameSpace: string): Readonly<Record<string, unknown>> | undefined;
}

export declare class MDoc {
  constructor(documents: readonly IssuerSignedDocument[]);
  readonly documents: readonly IssuerSignedDocument[];
  encode(): Uint8Array<ArrayBuffer>;
}

export declare class Document {
  constructor(docType: string);
  addIssuerNameSpace(nameSpace: string, values: Readonly<Record<string, unknown>>): Document;
  useDigestAlgorithm(algorithm: "SHA-256"): Document;
  addValidityInfo(
    info: { readonly signed: Date; readonly validFrom: Date; readonly validUntil: Date },
  ): Document;
  addDeviceKeyInfo(info: { readonly deviceKey: Jwk }): Document;
  sign(by: {
    readonly issuerPrivateKey: Jwk;
    /** PEM. */
    readonly issuerCertificate: string;
    readonly alg: "ES256";
  }): Promise<IssuerSignedDocument>;
}

export declare class DeviceResponse {
  static from(mdoc: Uint8Array): DeviceResponse;
  usingPresentationDefinition(definition: {
    readonly id: string;
    readonly input_descriptors: readonly {
      readonly id: string;
      readonly format: { readonly mso_mdoc: { readonly alg: readonly string[] } };
      readonly constraints: {
        readonly limit_disclosure: "required";
        readonly fields: readonly { path: readonly string[]; intent_to_retain: boolean }[];
      };
    }[];
  }): DeviceResponse;
  usingSessionTranscriptForOID4VP(
    walletNonce: string,
    clientId: string,
    responseUri: string,
    nonce: string,
  ): DeviceResponse;
  authenticateWithSignature(key: Jwk, alg: "ES256"): DeviceResponse;
  sign(): Promise<MDoc>;
}

export declare class Verifier {
  /** PEM. */
  constructor(rootCertificates: readonly string[]);
  /** Rejects at what is no document; what is wrong with one is told to `onCheck`. */
  verify(response: Uint8Array, options: {
    readonly encodedSessionTranscript: Uint8Array;
    readonly onCheck: (
      check: { readonly status: "PASSED" | "FAILED"; readonly id: string },
    ) => void;
  }): Promise<MDoc>;
}

export declare const VerificationAssessmentId: {
  readonly ISSUER_AUTH: {
    readonly IssuerCertificateValidity: string;
    readonly IssuerSignatureValidity: string;
    readonly MsoSignedDateWithinCertificateValidity: string;
    readonly MsoValidityAtVerificationTime: string;
  };
  readonly DEVICE_AUTH: Readonly<Record<string, string>>;
  readonly DATA_INTEGRITY: {
    readonly IssuerAuthDigestAlgorithmSupported: string;
    readonly IssuerAuthNamespaceDigestPresence: string;
    readonly AttributeDigestMatch: string;
  };
};
