/**
 * The lab's machine: built when something of it has changed, booted in an emulator, given orders,
 * listened to, and told to end or cut off from its power.
 */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = `${root}.cache/lab`;

/** A program by way of the shell: what has just been installed was not there when Deno looked up
 * what may be run. */
function program(name: string, args: readonly string[], options: Deno.CommandOptions = {}) {
  return new Deno.Command("bash", { ...options, args: ["-c", 'exec "$0" "$@"', name, ...args] });
}

/** Where kernel and root file system lie. */
export async function build(): Promise<string> {
  const { success, stdout } = await new Deno.Command("bash", {
    args: [`${root}deploy/lab/build.sh`, cache, Deno.execPath()],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("lab: the machine could not be built; see what was said above");
  return new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
}

export interface BootOptions {
  /** Where `build` put it. */
  readonly built: string;
  /** A shell script that is run in the machine, in a copy of the project. */
  readonly orders: string;
  /** A file that the machine has as its disk /dev/vda. */
  readonly disk?: string;
  readonly limit_s: number;
  /** The first process is systemd, and the orders are one of its services. */
  readonly systemd?: boolean;
  /** Without cameras, radios and sound: it is up sooner. */
  readonly bare?: boolean;
  /** Puts more into the folder that the machine has as /host. */
  readonly share?: (folder: string) => Promise<void>;
  /** Ports of the machine that this one can reach, on its loopback; without any the machine has no
   * network. */
  readonly forwards?: readonly { readonly host: number; readonly guest: number }[];
  /** Each line that the orders print. */
  readonly heard?: (line: string) => void;
}

export interface Machine {
  /** What the orders ended with; undefined when the machine was cut off, hung or died. */
  readonly ended: Promise<number | undefined>;
  /** Takes its power away. */
  cut(): void;
}

const emulator = "qemu-system-x86_64";

/** Emulated throughout: what drivers are asked is the same, and it runs where no machine may host
 * another. */
export async function boot(options: BootOptions): Promise<Machine> {
  const { orders, limit_s, heard = console.log } = options;
  const host = await Deno.makeTempDir({ prefix: "lab" });
  await Deno.writeTextFile(`${host}/orders.sh`, orders);
  await options.share?.(host);
  const shares = { host, source: root, deno: await denoFolder() };
  const process = program(emulator, argumentsFor(options, shares), {
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let cut = false;
  let over = false;
  const kill = () => {
    if (!over) process.kill("SIGKILL");
  };
  const late = setTimeout(() => {
    heard(`lab: nothing has ended after ${limit_s} s`);
    kill();
  }, limit_s * 1_000);
  const ended = (async () => {
    let status: number | undefined;
    for await (const line of lines(process.stdout)) {
      const end = /^lab ended with (\d+)$/.exec(line);
      if (end) status = Number(end[1]);
      else heard(line);
    }
    await process.status;
    over = true;
    clearTimeout(late);
    if (status === undefined && !cut) await tellConsole(host, heard);
    await Deno.remove(host, { recursive: true });
    return status;
  })();
  return {
    ended,
    cut() {
      cut = true;
      kill();
    },
  };
}

/** A disk with an empty file system on it, of a size that takes no room until it is written. */
export async function makeDisk(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await Deno.makeTempFile({ prefix: "lab", suffix: ".img" });
  await Deno.truncate(path, 256 * 1024 * 1024);
  const args = ["-q", "-F", "-t", "ext4", path];
  const { success, stderr } = await program("mke2fs", args).output();
  if (!success) throw new Error(`lab: mke2fs failed: ${new TextDecoder().decode(stderr)}`);
  return { path, remove: () => Deno.remove(path) };
}

type Shares = Readonly<Record<"host" | "source" | "deno", string>>;

function network(forwards: BootOptions["forwards"] = []): string[] {
  if (forwards.length === 0) return ["-nic", "none"];
  const rules = forwards.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  return [
    ...["-netdev", `user,id=host,restrict=on${rules.join("")}`],
    ...["-device", "virtio-net-pci,netdev=host,romfile="],
  ];
}

function argumentsFor(options: BootOptions, shares: Shares): string[] {
  const { built, disk, systemd, bare } = options;
  const share = (tag: string, path: string, options = "") => [
    "-virtfs",
    `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${options}`,
  ];
  // Whether its timer works is not asked: on a busy host the answer comes too late, and it panics.
  const kernel = "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off cryptomgr.notests " +
    "no_timer_check " +
    `rdinit=/init${systemd ? " lab.manager=systemd" : ""}${bare ? " lab.devices=none" : ""}`;
  return [
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...network(options.forwards),
    // Without "fast" strings, which are emulated byte by byte: memory is copied words at a time.
    ...["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max,-erms,-fsrm", "-smp", "2"],
    ...["-m", "3072", "-kernel", `${built}/vmlinuz`, "-initrd", `${built}/rootfs.cpio`],
    ...["-append", kernel, "-serial", `file:${shares.host}/console.log`, "-serial", "stdio"],
    ...share("host", shares.host),
    ...share("source", shares.source, ",readonly=on"),
    ...share("deno", shares.deno, ",readonly=on"),
    ...disk === undefined ? [] : ["-drive", `file=${disk},if=virtio,format=raw,cache=writeback`],
  ];
}

/** Where this Deno keeps packages: the machine has no network to fetch any. */
async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

async function tellConsole(host: string, heard: (line: string) => void): Promise<void> {
  const text = await Deno.readTextFile(`${host}/console.log`).catch(() => "");
  for (const line of text.trimEnd().split("\n").slice(-15)) heard(`console: ${line}`);
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of stream) {
    const parts = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) yield line.replace(/\r$/, "");
  }
  if (rest !== "") yield rest;
}
