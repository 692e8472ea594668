/**
 * The engine behind HTTP, for comparison with engines that are reached in no other way: a fact is
 * posted to `/visit/ID` or `/payment/ID` and answered after its commit; what the issuer answers
 * settles the command that asked. Prints its port.
 */
import { setImmediate } from "node:timers";
import type { Address } from "../../../actors/messages.ts";
import { DurableStore } from "./durable.ts";
import type { Fact } from "./sale.ts";

const answers = new Set(["issuer.authorised", "issuer.captured"]);

if (import.meta.main) {
  const store = new DurableStore((call) => void setImmediate(call));
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(port),
  }, async (request) => {
    const to = new URL(request.url).pathname.slice(1) as Address;
    const fact = await request.json() as Fact;
    const { accepted } = answers.has(fact.type)
      ? await store.engine.settle(await store.asks(to), fact)
      : await store.engine.post(to, fact);
    return Response.json({ accepted });
  });
}
