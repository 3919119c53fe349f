// The camera: the back one first, the one chosen last time before that; frames come as square ImageData.
// It rests while the page is hidden and is asked for again afterwards, since phones do not give it back by themselves.

const SIDE = 720;
const PAUSE = 70; // ms between frames: ten a second is plenty

export class Camera {
  #video;
  #onFrame;
  #stream = null;
  #run = 0;
  #canvas = new Canvas();

  constructor(video, onFrame) {
    this.#video = video;
    this.#onFrame = onFrame;
  }

  get isOn() {
    return this.#stream !== null;
  }

  // Errors are the browser's own: NotAllowedError, NotFoundError, …
  async start(deviceId) {
    this.stop();
    const run = ++this.#run;
    const size = { width: { ideal: 1280 }, height: { ideal: 960 } };
    const which = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: { ideal: "environment" } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
    if (run !== this.#run) return stream.getTracks().forEach((track) => track.stop());
    this.#stream = stream;
    this.#video.srcObject = stream;
    await this.#video.play();
    const capabilities = this.#track.getCapabilities?.() ?? {};
    if (capabilities.focusMode?.includes("continuous")) this.#apply({ focusMode: "continuous" });
    this.#next(run);
  }

  stop() {
    this.#run++;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  // The id of the next camera, or null where there is only one.
  async other() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
    if (cameras.length < 2) return null;
    return cameras[(cameras.indexOf(this.#track?.getSettings().deviceId) + 1) % cameras.length];
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  light(isOn) {
    return this.#apply({ torch: isOn });
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  #apply(constraint) {
    return this.#track.applyConstraints({ advanced: [constraint] }).catch(() => {});
  }

  #next(run) {
    const look = async () => {
      if (run !== this.#run) return;
      await this.#onFrame(this.#frame());
      setTimeout(() => this.#next(run), PAUSE);
    };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(look);
    else requestAnimationFrame(look);
  }

  #frame() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const side = Math.min(width, height);
    return this.#canvas.draw(this.#video, (width - side) / 2, (height - side) / 2, side);
  }
}

class Canvas {
  #context;

  constructor() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    this.#context = canvas.getContext("2d", { willReadFrequently: true });
  }

  draw(source, x, y, side) {
    this.#context.drawImage(source, x, y, side, side, 0, 0, SIDE, SIDE);
    return this.#context.getImageData(0, 0, SIDE, SIDE);
  }
}
