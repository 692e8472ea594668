/**
 * What the store shows beside what its owner holds, for those who agreed to offers. A phone hears
 * of it while it looks for receipts.
 */
import type { Content } from "../../runtime/sync/contract/schemas.ts";
import type { Asking } from "./asking.ts";

export interface ContentEvent {
  readonly type: "content_shown";
  readonly content: Content;
}

/** Content shown to one account, each told once. */
export class ShownContents {
  #after = 0;

  constructor(
    private readonly asking: Asking,
    private readonly tell: (event: ContentEvent) => void,
  ) {}

  /** `latest` as the issuer told it beside the receipts. */
  async heardOf(latest: number, patience_ms: number): Promise<void> {
    if (latest > this.#after) await this.read(patience_ms);
  }

  /** What is new, oldest first; each is told as well. */
  async read(patience_ms?: number): Promise<readonly Content[]> {
    const query = { after: this.#after };
    const { shown } = await this.asking.ask("shownContent", { query }, patience_ms);
    const fresh = shown.filter(({ sequence }) => sequence > this.#after);
    for (const { sequence, content } of fresh) {
      this.#after = sequence;
      this.tell({ type: "content_shown", content });
    }
    return fresh.map(({ content }) => content);
  }
}
