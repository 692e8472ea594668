/**
 * The Worker of one camera: a recogniser behind messages, without any permission. It answers in the
 * order of the requests. An error of no known kind ends it; the gateway starts another.
 */
import { InvariantError } from "../errors.ts";
import { type Protocol, type Reply, type Request, troubleOf } from "./protocol.ts";
import { Recogniser } from "./recogniser.ts";

/** The part of a Worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let recogniser: Recogniser | undefined;
let before: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  before = before.then(() => serve(data));
};

async function serve(request: Request): Promise<void> {
  try {
    const answer = await answerTo(request);
    scope.postMessage(
      { ticket: request.ticket, answer },
      "values" in answer ? [answer.values.buffer] : [],
    );
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    scope.postMessage({ ticket: request.ticket, trouble }, []);
  }
}

async function answerTo(request: Request): Promise<Protocol[Request["verb"]]["answer"]> {
  if (request.verb === "beat") return {};
  if (request.verb === "open") {
    recogniser = await Recogniser.open(request.parts, request.settings, request.kernel);
    return { dim: recogniser.dim };
  }
  if (recogniser === undefined) {
    throw new InvariantError(`a recogniser was asked to ${request.verb} before it was opened`);
  }
  switch (request.verb) {
    case "look":
      return await recogniser.look(request.frame);
    case "admit":
      return recogniser.admit(request.visit, request.values);
    case "wipe":
      return recogniser.wipe(request.visit);
    case "clear":
      return recogniser.clear();
    case "enrol":
      return { values: await recogniser.enrol(request.pictures) };
  }
}
