/**
 * What a shopper is asked on a phone: charges above a limit. A phone hears of them while it looks
 * for receipts; a second device, such as a watch, asks for itself and may answer as well.
 */
import type { Approval } from "../../runtime/sync/contract/schemas.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { Asking, keyBytes, type PhoneWorld } from "./asking.ts";
import { ToldOnce } from "./told_once.ts";

export interface AskedEvent {
  readonly type: "approval_asked";
  readonly approval: Approval;
}

/** `all`: the amount that is asked; a number: no more than that, minor units. */
export type Yes = "all" | number;

/** Questions to one account, each told once. */
export class Questions {
  readonly #told: ToldOnce<Approval>;

  constructor(private readonly asking: Asking, tell: (event: AskedEvent) => void) {
    const nameOf = ({ approval }: Approval) => approval;
    this.#told = new ToldOnce(nameOf, (approval) => tell({ type: "approval_asked", approval }));
  }

  /** Everything that waits for an answer; what is new is told as well. */
  async open(patience_ms?: number): Promise<readonly Approval[]> {
    const { approvals } = await this.asking.ask("approvals", {}, patience_ms);
    this.#told.open(approvals);
    return approvals;
  }

  /** Resolves to what counts, 0 for no: another device may have been first. Rejects with
   * `IssuerRefusal` `approval_over` when it came too late. */
  async answer(approval: string, yes: Yes | "no"): Promise<number> {
    const body = yes === "no"
      ? { answer: "no" as const }
      : { answer: "yes" as const, ...(yes === "all" ? {} : { amount_minor: yes }) };
    const { amount_minor } = await this.asking.ask("answerApproval", { path: { approval }, body });
    return amount_minor;
  }
}

export interface CompanionSetting {
  readonly issuer: string;
  /** Base64url, as the phone knows it. */
  readonly issuerSigningKey: string;
  /** 32 bytes of the companion's own. Secret. */
  readonly deviceSeed: Uint8Array;
  readonly account: string;
  /** The name that the issuer gave it when the phone added it. */
  readonly device: string;
}

/** The public key, base64url, that a phone adds for a companion with this seed. */
export function companionKey(world: Pick<PhoneWorld, "vault">, deviceSeed: Uint8Array): string {
  return toBase64url(world.vault.signingKey(deviceSeed).publicKey);
}

/** A device that answers for an account and does nothing else. */
export function companion(world: PhoneWorld, setting: CompanionSetting): Questions {
  const { privateKey } = world.vault.signingKey(setting.deviceSeed);
  const asking = new Asking(world, {
    origin: setting.issuer,
    issuerPublicKey: keyBytes(setting.issuerSigningKey),
    signer: { keyid: `device:${setting.account}~${setting.device}`, privateKey },
  });
  return new Questions(asking, () => {});
}
