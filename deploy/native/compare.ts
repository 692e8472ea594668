/**
 * `deno task backends`: the same networks on both runtimes, in turn and on one thread each: how
 * long they take, and whether they say the same.
 */
import { crowdScene, photograph } from "../model/crowd.ts";
import { interleave, median } from "../bench/measure.ts";
import { openModels, readOptions, runCommand } from "../evaluate/options.ts";
import { table } from "../evaluate/report.ts";
import type { AlignedFace } from "../../runtime/perception/align.ts";
import { cosine } from "../../runtime/perception/embed.ts";
import { Networks } from "../../runtime/perception/networks.ts";
import { nodeInference } from "./inference.ts";

const usage = "usage: deno task backends [--detector MODEL --embedder MODEL]";

/** Pictures that both look at, 640 by 480, one person in each. */
const PICTURES = 12;

async function compare(args: readonly string[]): Promise<void> {
  const named = readOptions(args, {
    detector: { type: "string" },
    embedder: { type: "string" },
  }, usage);
  const { networks: web, models } = await openModels(named, true);
  const node = await Networks.open(models, await nodeInference());
  const pictures = Array.from(
    { length: PICTURES },
    (_, i) =>
      photograph(crowdScene(`backends/${i}`, {
        width: 640,
        height: 480,
        identities: [4_000_000_000 + i],
        size: [160, 220],
      })),
  );
  const crops: AlignedFace[] = [];
  const likeness: number[] = [];
  let differing = 0;
  for (const { picture, faces: [face] } of pictures) {
    const [a, b] = [await web.faces(picture), await node.faces(picture)];
    if (a.length !== b.length) differing++;
    // The drawn truth, so that models which find no drawn face have something to embed.
    const crop = web.aligned(face!.landmarks)!;
    likeness.push(cosine(await web.embed(crop), await node.embed(crop)));
    crops.push(crop);
  }
  const at = <Of>(list: readonly Of[], turn: number) => list[turn % list.length]!;
  const times = await interleave({
    web_detect: (turn) => web.faces(at(pictures, turn).picture),
    node_detect: (turn) => node.faces(at(pictures, turn).picture),
    web_embed: (turn) => web.embed(at(crops, turn)),
    node_embed: (turn) => node.embed(at(crops, turn)),
  }, { rounds: 7, sample_ms: 60 });
  const row = (name: string, web_us: number, node_us: number) => [
    name,
    `${(web_us / 1000).toFixed(2)} ms`,
    `${(node_us / 1000).toFixed(2)} ms`,
    `${(web_us / node_us).toFixed(1)} times`,
  ];
  console.log(table([
    ["one thread, 640 by 480", "onnxruntime-web", "onnxruntime-node", "faster"],
    row("fit to the canvas, detect", times.web_detect, times.node_detect),
    row("embed a crop", times.web_embed, times.node_embed),
    row("both", times.web_detect + times.web_embed, times.node_detect + times.node_embed),
  ]));
  console.log(
    `\nmedians of 7 samples in turn; ${differing} of ${PICTURES} pictures with another number of ` +
      `faces;\nembeddings of the same crop have a cosine of ${median(likeness).toFixed(6)}, at ` +
      `least ${Math.min(...likeness).toFixed(6)}`,
  );
}

await runCommand(compare);
