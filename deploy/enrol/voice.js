// The page on which voices are enrolled: consent, microphone, rounds of digits, done. What a voice
// is made into happens in ear.ts, what is said to the issuer in shopper.ts; both are bundled.
import { adviceOn, rounds, shopper, voiceNotice } from "./shopper.ts";
import { deviceSeed, remember } from "./device.js";
import { Desk } from "./desk.js";
import { at, conclude, offer, refusal, show } from "./stages.js";

/** So often in a row nothing fit: the room or the microphone will not do. */
const most_failed = 6;

/** The microphone as it is: what browsers do for calls would make every voice alike. */
async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (error) {
    throw refusal("microphone", error);
  }
}

/** Sends all sound to the Worker, and shows how loud it is. */
async function tapInto(stream, ear) {
  const context = new AudioContext();
  await context.audioWorklet.addModule("/enrol/tap.js");
  const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
  let peak = 0;
  tap.port.onmessage = ({ data }) => {
    peak = Math.max(0.95 * peak, ...data.map(Math.abs));
    at("level").value = Math.sqrt(peak);
    ear.tell("sound", { samples: data, rate_hz: context.sampleRate }, [data.buffer]);
  };
  context.createMediaStreamSource(stream).connect(tap);
  await context.resume();
  return () => context.close();
}

/** Shows digits until every round was heard. Throws when it was stopped. */
async function capture(ear, stopped) {
  let failed = 0;
  for (let taken = 0; taken < rounds.length;) {
    const said = rounds[taken];
    at("progress").value = taken / rounds.length;
    at("capture").dataset.taken = taken;
    at("round").textContent = `Round ${taken + 1} of ${rounds.length}`;
    at("digits").textContent = said.join(" ");
    const { heard, fit } = await Promise.race([ear.ask("take", { said }), stopped]);
    at("advice").textContent = adviceOn(heard, said.length) ?? "Good. Once more:";
    failed = fit ? 0 : failed + 1;
    if (fit) taken++;
    else if (failed >= most_failed) throw new Error(at("advice").textContent);
  }
  at("progress").value = 1;
}

async function enrol(person) {
  const stop = Promise.withResolvers();
  stop.promise.catch(() => {});
  at("stop").onclick = () => stop.reject(new Error("You stopped it. Nothing was sent"));
  const own = shopper(location.origin, await deviceSeed());
  const open = [];
  try {
    // Before the microphone is asked for, the issuer has the consent.
    const account = await own.agreeToVoice(person);
    await remember("person", person);
    show("capture");
    const ear = new Desk("/enrol/ear.ts");
    open.push(() => ear.close());
    const stream = await openMicrophone();
    open.push(() => stream.getTracks().forEach((track) => track.stop()));
    open.push(await tapInto(stream, ear));
    await capture(ear, stop.promise);
    at("advice").textContent = "Sealing and sending";
    await own.enrolVoice(await ear.ask("finish"));
    conclude(account, voiceNotice);
  } finally {
    for (const close of open.reverse()) close();
    own.stop();
  }
}

offer(voiceNotice, enrol);
