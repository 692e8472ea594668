/** A real broker, Debian's mosquitto, on a port of this machine. */

const program = "/usr/sbin/mosquitto";

export interface Broker extends AsyncDisposable {
  readonly url: string;
  /** It dies, and forgets everything. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A broker that listens; whoever has it kills it. */
export async function openBroker(): Promise<Broker> {
  const folder = await Deno.makeTempDir({ prefix: "mosquitto-" });
  const port = freePort();
  const file = `${folder}/mosquitto.conf`;
  await Deno.writeTextFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  let running: Deno.ChildProcess | undefined;

  async function start(): Promise<void> {
    running = new Deno.Command(program, { args: ["-c", file], stdout: "null", stderr: "null" })
      .spawn();
    for (;;) {
      try {
        return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async function kill(): Promise<void> {
    running?.kill("SIGKILL");
    await running?.status;
    running = undefined;
  }

  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    start,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A port that nobody listens on now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
