/**
 * The operator's page of a lane in a real Chromium, before a gateway and an issuer that are
 * processes of their own. Needs Chromium; `CHROMIUM` names another.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { demoPin } from "../demo/operators.ts";
import { Stage } from "../story/stage.ts";

const chromium = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const present = isFile(chromium);
if (!present) console.log(`the operator's page: skipped, there is no ${chromium}`);

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const turn = z.looseObject({
  turn: z.string(),
  trouble: z.array(z.string()),
  error: z.string().optional(),
});

/** The operator in the browser: what they did and saw, turn by turn. */
class Operator implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(url: string, pictures: string) {
    const folder = fileURLToPath(new URL("../", import.meta.url));
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", "--config", `${folder}enrol/browser/deno.json`],
        ...["--allow-env", "--allow-sys", "--allow-read", "--allow-write"],
        ...["--allow-net=127.0.0.1", `--allow-run=${chromium}`, `${folder}lane_page/drive.js`],
        ...[chromium, url, "olga", demoPin, pictures],
      ],
      stdout: "piped",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next turn, which must be this one, without an error in the page. */
  async comesTo(name: string): Promise<Record<string, unknown>> {
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#lines.read();
      assert.ok(!done, `the operator stopped before ${name}`);
      this.#rest += value;
    }
    const [line = "", ...more] = this.#rest.split("\n");
    this.#rest = more.join("\n");
    const told = turn.parse(JSON.parse(line));
    assert.equal(told.turn, name, told.error);
    assert.deepEqual(told.trouble, []);
    return told;
  }

  /** The operator has seen all there was to see. */
  async leaves(): Promise<void> {
    assert.ok((await this.#lines.read()).done, "nothing is left to tell");
    assert.equal((await this.#process.status).code, 0);
  }

  /** Never throws: what went wrong in the story is not to be hidden by how it was tidied up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.cancel();
    await this.#process.status;
  }
}

Deno.test({
  name: "an operator decides everything at the lane's page, and sees what was refused afterwards",
  ignore: !present,
  async fn() {
    const pictures = Deno.env.get("PICTURES") ?? await Deno.makeTempDir({ prefix: "lane-page-" });
    await using stage = await Stage.open();
    const ana = await stage.newShopper("Ana Silva", { birth_date: `${thisYear() - 17}-01-01` });
    const poor = { instrument: "test_insufficient_funds" };
    const bea = await stage.newShopper("Bea Stern", poor);
    await stage.walksIn(ana);
    stage.stands("4", ana);
    const sale = await stage.till.ringsUp("4", [
      { name: "Bread", amount_minor: 350 },
      { name: "Lager", amount_minor: 549, category: "beer_wine" },
      { name: "Rum", amount_minor: 1_499, category: "spirits" },
    ]);
    await using operator = new Operator(`${origin(stage)}/lane/4`, pictures);
    await operator.comesTo("signed_in");

    const { asked, mayConfirm, left } = await operator.comesTo("eligibility");
    assert.match(String(asked), /Is this Ana \(AS\), and may they have it\?/);
    assert.match(String(asked), /Lager 16 or older.*attests.*Rum 18 or older.*not attested/);
    assert.equal(mayConfirm, false);
    assert.equal(left, "", "what was keyed does not stay on the page");

    const { offered, told } = await operator.comesTo("refunded");
    assert.equal(offered, "8.99");
    assert.match(String(told), /refunded.*1\.50.*one was broken/);
    const end = await stage.till.look(sale);
    assert.deepEqual([end.state, end.charge_minor, end.dropped], ["captured", 899, ["Rum"]]);
    assert.equal((await stage.inLedger(sale))?.refunded_minor, 150);

    await stage.walksIn(bea);
    await stage.issuerGoes();
    stage.stands("4", bea);
    const late = await stage.till.ringsUp("4", [{ name: "Bread", amount_minor: 350 }]);
    await stage.till.comesTo(late, "awaiting_answer");
    await stage.till.decide(late, "answer", { kind: "initials", answer: "BS" });
    await stage.till.comesTo(late, "accepted_offline");
    await stage.issuerReturns();
    const refused = await operator.comesTo("late");
    assert.match(String(refused["told"]), /Not charged after all.*3\.50/);
    await operator.leaves();
  },
});

const thisYear = () => new Date().getUTCFullYear();
const origin = (stage: Stage) => `http://127.0.0.1:${stage.config.http.port}`;
