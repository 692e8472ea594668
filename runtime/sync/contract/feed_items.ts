/**
 * The issuer's feed out of the bytes of its server-sent events: items whose signature holds, and
 * signs of life.
 */
import { createParser } from "eventsource-parser";
import { RuntimeError } from "../../errors.ts";
import type { Vault } from "../../vault/vault.ts";
import type { FeedItem } from "./schemas.ts";
import { readFeedItem } from "./tokens.ts";

/** Undefined for whatever else arrives: somebody is there. Throws `RuntimeError` `issuer_refused`
 * at what the issuer did not sign, and what the stream throws. The signal ends it. */
export async function* feedItems(
  vault: Vault,
  issuerPublicKey: Uint8Array,
  bytes: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<FeedItem | undefined, void, void> {
  const reader = bytes.getReader();
  // The request's own signal may be forgotten once its head is here; this one is not.
  const end = () => void reader.cancel().catch(() => {});
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  const decoder = new TextDecoder();
  const envelopes: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void envelopes.push(data) });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw new RuntimeError("issuer_unreachable", "the feed was let go");
      if (done) return;
      yield undefined;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const envelope of envelopes.splice(0)) {
        const item = readFeedItem(vault, envelope, issuerPublicKey);
        if (!item) {
          throw new RuntimeError("issuer_refused", "the feed brought what the issuer did not sign");
        }
        yield item;
      }
    }
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
