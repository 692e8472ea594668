/** A till's way to its lane over HTTP, as a POS vendor would write it. */
import { z } from "zod";
import { RuntimeError } from "../../runtime/errors.ts";
import {
  changeAnswer,
  refundAnswer,
  saleAnswer,
  type TillHears,
  type TillSay,
  type TillWord,
} from "./till_words.ts";

export interface HttpTill {
  /** The gateway, e.g. `http://127.0.0.1:8480`. */
  readonly gateway: string;
  readonly lane: string;
  readonly operator: string;
  /** With which the operator signs in. Secret. */
  readonly pin: string;
  /** Bearer key of the store's tills. Secret. */
  readonly posKey?: string;
  readonly fetch: (request: Request) => Promise<Response>;
}

/** For these nobody needs to have signed in. */
const open: ReadonlySet<TillWord["say"]> = new Set(["open", "look", "answer"]);
/** A refund names its payment too, so it is tried before a sale. */
const anyAnswer = z.union([refundAnswer, changeAnswer, saleAnswer]);
const problem = z.object({ title: z.string(), detail: z.string().optional() });
/** Longest answer that a till reads: a sale with every candidate there can be. */
const answer_characters = 256 * 1024;

/** Says it over the lane's HTTP interface; whoever decides has signed in. */
export function sayHttp(setting: HttpTill): TillSay {
  let session: string | undefined;
  return async (word, signal) => {
    const decides = !open.has(word.say);
    for (let again = false;; again = true) {
      if (decides) session ??= await signedIn(setting, signal);
      const request = requestOf(setting, wordsOf(word), signal, decides ? session : undefined);
      const response = await setting.fetch(request);
      const text = await readText(response);
      // A session ends with the gateway's process, and after a while without a decision.
      if (decides && response.status === 401 && !again) session = undefined;
      else return readAnswer(response.status, text);
    }
  };
}

const signed = z.object({ session: z.string() });

/** Throws `RuntimeError` `request_invalid` where the operator is not taken, and any other error
 * when the gateway is away. */
async function signedIn(setting: HttpTill, signal: AbortSignal): Promise<string> {
  const { operator, pin } = setting;
  const words: Words = ["POST", "/operators/sessions", { operator, pin }];
  const response = await setting.fetch(requestOf(setting, words, signal));
  const text = await readText(response);
  if (response.ok) return signed.parse(JSON.parse(text)).session;
  if (response.status >= 500) throw new Error(`nobody signs in now: status ${response.status}`);
  throw new RuntimeError("request_invalid", `${operator} cannot sign in: ${text.slice(0, 200)}`);
}

type Words = readonly [method: string, path: string, body?: unknown];

function requestOf(
  setting: HttpTill,
  [method, path, body]: Words,
  signal: AbortSignal,
  session?: string,
): Request {
  const { gateway, lane, posKey } = setting;
  const headers = new Headers({ accept: "application/json" });
  if (posKey !== undefined) headers.set("authorization", `Bearer ${posKey}`);
  if (session !== undefined) headers.set("x-operator-session", session);
  if (body !== undefined) headers.set("content-type", "application/json");
  const place = path.startsWith("/operators/") ? path : `/lane/${encodeURIComponent(lane)}${path}`;
  return new Request(new URL(place, gateway), {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function wordsOf(word: TillWord): Words {
  if (word.say === "open") return ["POST", "/sales", word.sale];
  if (word.say === "change") {
    return ["POST", "/changes", { ...word.change, wait_ms: word.wait_ms }];
  }
  if (word.say === "forget_change") {
    return ["POST", `/changes/${encodeURIComponent(word.change)}/cancellation`, {}];
  }
  const path = `/sales/${encodeURIComponent(word.payment)}`;
  switch (word.say) {
    case "look":
      return ["GET", `${path}?wait_ms=${word.wait_ms}`];
    case "select":
      return ["POST", `${path}/selection`, { visit: word.visit }];
    case "cancel":
      return ["POST", `${path}/cancellation`, {}];
    case "confirm":
      return ["POST", `${path}/eligibility`, { confirmed: true }];
    case "drop":
      return ["POST", `${path}/eligibility`, { drop: word.drop, dropped: word.dropped }];
    case "answer":
      return ["POST", `${path}/answer`, { kind: word.kind, answer: word.answer }];
    case "refund":
      return ["POST", `${path}/refunds`, { ...word.refund, wait_ms: word.wait_ms }];
  }
}

async function readText(response: Response): Promise<string> {
  const text = await response.text();
  if (text.length <= answer_characters) return text;
  throw new RuntimeError("request_invalid", "the gateway's answer is too long for a till");
}

function readAnswer(status: number, text: string): TillHears {
  if (status >= 500 || status === 429) return "away";
  if (status === 409) return "busy";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "away"; // Cut off on its way.
  }
  const answer = anyAnswer.safeParse(json);
  if (status < 300 && answer.success) return answer.data;
  const refused = problem.safeParse(json);
  const words = refused.success ? refused.data.detail ?? refused.data.title : `status ${status}`;
  throw new RuntimeError("request_invalid", `the gateway refused it: ${words}`);
}
