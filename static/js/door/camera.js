// The camera: the one chosen last time, or the back one; frames come as square ImageData. It keeps the screen awake, rests
// while the page is hidden and is asked for again afterwards, since phones do not give it back by themselves.

const SIDE = 720;
const PAUSE = 40; // ms between frames: twelve a second are plenty

export class Camera {
  #video;
  #onFrame;
  #onLost;
  #stream = null;
  #run = 0;
  #context = null;
  #awake = null;

  // `onFrame(image, caught)`: `caught` is when the camera caught it, by performance.now().
  // `onLost()` is called when the phone has taken the camera away (a call, the lock screen, another app).
  constructor(video, onFrame, onLost) {
    this.#video = video;
    this.#onFrame = onFrame;
    this.#onLost = onLost;
  }

  get isOn() {
    return this.#stream !== null;
  }

  get id() {
    return this.#track?.getSettings().deviceId ?? null;
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
    this.#watch(run);
    if (this.#capabilities.focusMode?.includes("continuous")) this.#apply({ focusMode: "continuous" });
    this.#stayAwake();
    this.#next(run);
  }

  stop() {
    this.#run++;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
    this.#awake?.release().catch(() => {});
    this.#awake = null;
  }

  // The id of the next camera, or null where there is only one.
  async other() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
    if (cameras.length < 2) return null;
    return cameras[(cameras.indexOf(this.id) + 1) % cameras.length];
  }

  get hasTorch() {
    return Boolean(this.#capabilities.torch);
  }

  light(isOn) {
    return this.#apply({ torch: isOn });
  }

  // {min, max, step, value} where this camera can zoom, else null.
  get zoom() {
    const { zoom } = this.#capabilities;
    return zoom?.max > zoom?.min ? { ...zoom, value: this.#track.getSettings().zoom ?? zoom.min } : null;
  }

  zoomTo(value) {
    return this.#apply({ zoom: value });
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  get #capabilities() {
    return this.#track?.getCapabilities?.() ?? {};
  }

  #apply(constraint) {
    return this.#track?.applyConstraints({ advanced: [constraint] }).catch(() => {});
  }

  #watch(run) {
    const lost = () => {
      if (run !== this.#run) return;
      this.stop();
      this.#onLost();
    };
    this.#track.addEventListener("ended", lost);
    this.#track.addEventListener("mute", () => setTimeout(() => this.#track?.muted && lost(), 1500));
  }

  async #stayAwake() {
    this.#awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }

  #next(run) {
    const look = async (now, { captureTime = now } = {}) => {
      if (run !== this.#run) return;
      const { videoWidth, videoHeight } = this.#video;
      try {
        if (videoWidth && videoHeight) await this.#onFrame(this.#frame(videoWidth, videoHeight), Math.min(captureTime, now));
      } finally {
        setTimeout(() => this.#next(run), PAUSE);
      }
    };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(look);
    else requestAnimationFrame(look);
  }

  #frame(width, height) {
    if (!this.#context) {
      const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
      this.#context = canvas.getContext("2d", { willReadFrequently: true });
    }
    const side = Math.min(width, height);
    this.#context.drawImage(this.#video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
    return this.#context.getImageData(0, 0, SIDE, SIDE);
  }
}
