// Runs where the browser's sound runs: hands each piece of the microphone's sound to the page.
class Tap extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel !== undefined) {
      const samples = channel.slice();
      this.port.postMessage(samples, [samples.buffer]);
    }
    return true;
  }
}
registerProcessor("tap", Tap);
