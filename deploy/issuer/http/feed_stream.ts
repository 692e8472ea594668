/** A gateway's feed as server-sent events: each item signed as it is sent, signs of life as
 * comments. */
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerKeyid } from "../../../runtime/sync/contract/signatures.ts";
import { makeFeedItem } from "../../../runtime/sync/contract/tokens.ts";
import type { FeedReader } from "../rooms/feed.ts";
import type { House } from "../world.ts";

export function feedStream(house: House, reader: FeedReader): ReadableStream<Uint8Array> {
  const { vault, signing } = house;
  const signer = { keyid: issuerKeyid, privateKey: signing.privateKey };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const items = await reader.next();
      if (!items) return controller.close();
      const text = items
        .map((item) => `id: ${item.sequence}\ndata: ${makeFeedItem(vault, signer, item)}\n\n`);
      controller.enqueue(utf8(text.join("") || ": \n\n"));
    },
    cancel: () => reader.close(),
  }, { highWaterMark: 1 });
}
