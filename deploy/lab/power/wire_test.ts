/** The wire on this machine's own loopback: it carries, breaks, and turns away. */
import assert from "node:assert/strict";
import { wire } from "./wire.ts";

const hostname = "127.0.0.1";

/** Says what it is told, with a word before it, and hangs up. */
function parrot(): Disposable & { readonly port: number } {
  const listener = Deno.listen({ hostname, port: 0 });
  (async () => {
    for await (const connection of listener) {
      const bytes = new Uint8Array(100);
      const count = await connection.read(bytes) ?? 0;
      if (count > 0) await connection.write(new TextEncoder().encode("said "));
      if (count > 0) await connection.write(bytes.subarray(0, count));
      connection.close();
    }
  })().catch(() => {});
  return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
}

function freePort(): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.port;
}

/** What comes back, to its end. */
async function ask(port: number, what: string): Promise<string> {
  const connection = await Deno.connect({ hostname, port });
  await connection.write(new TextEncoder().encode(what)).catch(() => {});
  return await new Response(connection.readable).text().catch(() => "broken");
}

Deno.test("what is said on one side is heard on the other, again and again", async () => {
  using there = parrot();
  const port = freePort();
  const carried = wire({ hostname, port }, () => ({ hostname, port: there.port }));
  for (const word of ["tea", "milk"]) assert.equal(await ask(port, word), `said ${word}`);
  carried.close();
});

Deno.test("while nobody is there everybody is turned away, and nobody waits", async () => {
  using there = parrot();
  const port = freePort();
  const place = { up: false };
  const carried = wire(
    { hostname, port },
    () => place.up ? { hostname, port: there.port } : undefined,
  );
  assert.match(await ask(port, "tea"), /^(|broken)$/);
  place.up = true;
  assert.equal(await ask(port, "tea"), "said tea");
  carried.close();
});

Deno.test("a wire that breaks ends what is carried, and carries anew", async () => {
  const silent = Deno.listen({ hostname, port: 0 });
  const taken = silent.accept();
  const port = freePort();
  const carried = wire({ hostname, port }, () => ({ hostname, port: silent.addr.port }));
  const asked = ask(port, "tea");
  const other = await taken;
  await other.read(new Uint8Array(10));
  carried.drop();
  assert.match(await asked, /^(|broken)$/);
  other.close();
  silent.close();
  carried.close();
});
