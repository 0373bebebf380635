// The visitor's call: microphone out, room in, over WebRTC.

const GATHER_WITHIN = 2000;

const MICROPHONE = {
  NotAllowedError: "This page may not use the microphone. Allow it, by the icon in the address bar or in the browser's settings, and join again. You can go on watching.",
  NotFoundError: "No microphone was found. Plug one in and join again. You can go on watching.",
  NotReadableError: "The microphone cannot be opened; another program may be using it. Close that and join again.",
};
const INSECURE = "A browser gives the microphone only to pages of this machine, or over https. Open the page there, or put an https server before it.";

export class CallError extends Error {}

export class Call {
  // `changed` is told "connecting", "connected", "shaky", "lost" or "unplugged".
  constructor(link, visit, ice, changed) {
    this.link = link;
    this.visit = visit;
    this.ice = ice;
    this.changed = changed;
    this.over = false;
    this.seat = 0;
    this.room = new MediaStream();
  }

  async join() {
    this.changed("connecting");
    this.microphone = await openMicrophone();
    this.peer = new RTCPeerConnection({ iceServers: this.ice });
    this.channel = this.peer.createDataChannel("visitor");
    this.channel.onopen = () => this.tellMuted();
    this.channel.onclose = () => { if (!this.over) this.changed("lost"); };
    this.peer.onconnectionstatechange = () => this.follow();
    this.peer.ontrack = ({ track }) => this.room.addTrack(track);
    for (const track of this.microphone.getTracks()) {
      this.peer.addTrack(track, this.microphone);
      track.onended = () => { if (!this.over) this.changed("unplugged"); };
    }
    await this.peer.setLocalDescription();
    await gathered(this.peer);
    const answer = await this.post("join", { sdp: this.peer.localDescription.sdp });
    this.seat = answer.seat;
    await this.peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
  }

  get muted() {
    return !this.microphone?.getTracks().some((track) => track.enabled);
  }

  set muted(muted) {
    for (const track of this.microphone.getTracks()) track.enabled = !muted;
    this.tellMuted();
  }

  leave() {
    this.end();
    return this.post("leave", { closed: false }).catch(() => {});
  }

  // The page goes away, perhaps to come back: a seat is kept for a moment.
  vanish() {
    navigator.sendBeacon(`${this.link}leave`, JSON.stringify({ visit: this.visit, closed: true }));
    this.end();
  }

  end() {
    this.over = true;
    this.peer?.close();
    this.microphone?.getTracks().forEach((track) => track.stop());
  }

  // Seconds that a packet takes there and back, or null.
  async roundTrip() {
    for (const report of (await this.peer.getStats()).values()) {
      if (report.type === "candidate-pair" && report.nominated && report.state === "succeeded") {
        return report.currentRoundTripTime ?? null;
      }
    }
    return null;
  }

  tellMuted() {
    if (this.channel?.readyState === "open") this.channel.send(JSON.stringify({ muted: this.muted }));
  }

  follow() {
    if (this.over) return;
    const state = this.peer.connectionState;
    if (state === "connected") this.changed("connected");
    else if (state === "disconnected") this.changed("shaky");
    else if (state === "failed" || state === "closed") this.changed("lost");
  }

  async post(what, body) {
    let response;
    try {
      response = await fetch(`${this.link}${what}`, {
        method: "POST",
        keepalive: what === "leave",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ visit: this.visit, ...body }),
      });
    } catch {
      throw new CallError("The scenario cannot be reached. Is it still running?");
    }
    if (response.status === 204) return {};
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw new CallError(told.error?.message ?? `The scenario answered ${response.status}.`);
    return told;
  }
}

async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) throw new CallError(INSECURE);
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    throw new CallError(MICROPHONE[error.name] ?? `The microphone cannot be opened (${error.name}).`);
  }
}

function gathered(peer) {
  return new Promise((resolve) => {
    if (peer.iceGatheringState === "complete") resolve();
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState === "complete") resolve();
    };
    setTimeout(resolve, GATHER_WITHIN);
  });
}
