/**
 * Runs in the lab's machine: an issuer and a gateway with their data on its disk, for tills and
 * phones that are on its host and do not lose their power. Ends when the host has hung up. Its
 * orders come over the standard input.
 */
import { Crashed } from "../../kill/child.ts";
import { linesOf } from "../../kill/lines.ts";
import { Services } from "../../kill/services.ts";
import { configFor } from "../../kill/shop.ts";
import { readToGateway } from "../../kill/words.ts";
import { wire } from "./wire.ts";
import { crash_status, guest_address, powerOrders, ready_words } from "./words.ts";

const folder = "/disk";

async function run(): Promise<void> {
  const text = await new Response(Deno.stdin.readable).text();
  const { ports, lines, admin_key } = powerOrders.parse(JSON.parse(text));
  const listener = Deno.listen({ hostname: guest_address, port: lines });
  console.log(ready_words);
  const host = await listener.accept();
  const writer = host.writable.getWriter();
  const services = new Services({
    folder,
    config: configFor,
    ports,
    admin_key,
    // A stay outlasts the time until the machine is up again.
    issuer: ["--rotation", "10", "--lease", "900"],
    // One after the other, as they are written; a host that has hung up is noticed below.
    heard: (word) =>
      void writer.write(new TextEncoder().encode(`${JSON.stringify(word)}\n`))
        .catch(() => undefined),
  });
  const wires = [ports.gateway, ports.issuer].map((port) =>
    wire({ hostname: guest_address, port }, () => ({ hostname: "127.0.0.1", port }))
  );
  const serving = (async () => {
    await services.startIssuer();
    void services.startGateway();
    for await (const line of linesOf(host.readable)) services.tell(readToGateway(line));
  })();
  await Promise.race([serving, services.failed]);
  for (const each of wires) each.close();
  listener.close();
  await services.killGateway();
  await services.killIssuer();
}

if (import.meta.main) {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(error instanceof Crashed ? crash_status : 1);
  }
  Deno.exit(0);
}
