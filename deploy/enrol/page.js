// The enrolment page: consent, camera, guidance, done. What a face is made into happens in eye.ts,
// what is said to the issuer in shopper.ts; both are bundled, this file is served as it is.
import { adviceFor, faceNotice, shopper, views, wordsFor } from "./shopper.ts";
import { deviceSeed, remember } from "./device.js";
import { Desk } from "./desk.js";
import { at, conclude, fail, offer, refusal, show } from "./stages.js";

/** Pictures looked at in a second, at most. */
const looks_per_second = 6;
/** So many faces in a row that are somebody else's: whoever began has gone. */
const most_others = 12;

async function fetched(path, as) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} could not be fetched (${answer.status}): try again`);
  return await answer[as]();
}

const sidecars = () =>
  Promise.all(["detector", "embedder"].map((kind) => fetched(`/enrol/${kind}.json`, "json")));

async function openEye() {
  const eye = new Desk("/enrol/eye.ts");
  const [detector, embedder] = await sidecars();
  const [detects, embeds, runtime, kernel] = await Promise.all([
    fetched("/enrol/detector.onnx", "arrayBuffer"),
    fetched("/enrol/embedder.onnx", "arrayBuffer"),
    fetched("/enrol/onnxruntime.wasm", "arrayBuffer"),
    fetched("/enrol/image.wasm", "arrayBuffer"),
  ]);
  const parts = {
    detector: { sidecar: detector, bytes: new Uint8Array(detects) },
    embedder: { sidecar: embedder, bytes: new Uint8Array(embeds) },
    image_kernel: await WebAssembly.compile(kernel),
  };
  await eye.ask("open", { parts, runtime }, [detects, embeds, runtime]);
  return { eye, model: embedder };
}

async function openCamera() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" },
    });
    at("picture").srcObject = stream;
    await at("picture").play();
    return stream;
  } catch (error) {
    throw refusal("camera", error);
  }
}

const pause = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/** Shows what is wanted until every view was taken. Throws when it was stopped. */
async function capture(eye, stopped) {
  const video = at("picture");
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  let others = 0;
  for (let taken = 0; taken < views.length;) {
    if (stopped()) throw new Error("You stopped it. Nothing was sent");
    at("progress").value = taken / views.length;
    at("capture").dataset.taken = taken;
    await pause(1000 / looks_per_second);
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    if (canvas.width === 0) continue;
    brush.drawImage(video, 0, 0);
    const { width, height, data } = brush.getImageData(0, 0, canvas.width, canvas.height);
    brush.clearRect(0, 0, width, height);
    const sight = await eye.ask("look", { picture: { width, height, data } }, [data.buffer]);
    const advice = adviceFor(views[taken], sight);
    at("oval").classList.toggle("fit", advice === undefined);
    at("advice").textContent = advice === undefined ? "Good" : wordsFor[advice];
    if (advice !== undefined) continue;
    if (await eye.ask("take")) {
      taken++;
      others = 0;
    } else if (++others >= most_others) {
      await eye.ask("forget");
      [taken, others] = [0, 0];
      at("advice").textContent = "Somebody else came into the picture: once more from the start";
      await pause(1500);
    }
  }
  at("progress").value = 1;
}

async function enrol(person) {
  let stopped = false;
  at("stop").onclick = () => stopped = true;
  const own = shopper(location.origin, await deviceSeed());
  const open = [];
  try {
    // Before the camera is asked for, the issuer has the consent.
    const account = await own.agree(person);
    await remember("person", person);
    show("capture");
    const stream = await openCamera();
    open.push(() => stream.getTracks().forEach((track) => track.stop()));
    const { eye, model } = await openEye();
    open.push(() => eye.close());
    await capture(eye, () => stopped);
    at("advice").textContent = "Sealing and sending";
    await own.enrol(await eye.ask("finish"), model);
    conclude(account, faceNotice);
  } finally {
    for (const close of open) close();
    at("picture").srcObject = null;
    own.stop();
  }
}

offer(faceNotice, enrol);
sidecars().then((all) => at("drawn").hidden = !all.some(({ origin }) => origin === "drawn"), fail);
