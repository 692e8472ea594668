/** What the Worker that compares voices does: one answer, and everything overwritten. */
import { invariant } from "../../errors.ts";
import { troubleOf } from "../protocol.ts";
import { judgeAnswer } from "./decide.ts";
import type { EarReply, EarRequest } from "./hear.ts";
import { Line } from "./line.ts";
import { listen } from "./listen.ts";
import type { Sound } from "./sound.ts";
import { wipeVoiceTemplate } from "./template.ts";

/** The part of a Worker's global scope that is used here. */
export interface EarScope {
  onmessage: ((event: MessageEvent<EarRequest>) => void) | null;
  postMessage(reply: EarReply): void;
}

type Ask<Say extends EarRequest["say"]> = Extract<EarRequest, { say: Say }>;

/** Four digits, said slowly. */
const longest_s = 12;

export function serveEar(scope: EarScope): void {
  let prompt: Ask<"listen">["prompt"] | undefined;
  let line: Line | undefined;
  let sound: Promise<Sound> | undefined;
  const inTrouble = (error: unknown) => {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    scope.postMessage({ say: "trouble", trouble });
  };
  const judge = async ({ candidates }: Ask<"judge">) => {
    invariant(prompt !== undefined && sound !== undefined, "an answer was asked for");
    line?.end();
    const heard = await sound;
    try {
      scope.postMessage({ say: "verdict", verdict: judgeAnswer(heard, prompt, candidates) });
    } finally {
      heard.samples.fill(0);
      for (const { template } of candidates) wipeVoiceTemplate(template);
    }
  };
  scope.onmessage = ({ data }) => {
    if (data.say === "sound") return line?.push(data.frame);
    if (data.say === "judge") return void judge(data).catch(inTrouble);
    prompt = data.prompt;
    line = new Line(data.microphone);
    const options = { words: prompt.digits.length, longest_s };
    sound = listen(line, options, new AbortController().signal);
    sound.then(() => scope.postMessage({ say: "enough" }), inTrouble);
  };
}
