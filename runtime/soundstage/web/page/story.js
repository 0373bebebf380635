// The run as the page knows it: made of the events alone, so that a page that comes late, or comes
// back, sees what all others see.

const SAMPLE_RATE = 24000;
const LOUD = 0.02; // of full scale

export const seconds = (samples) => samples / SAMPLE_RATE;

export class Story {
  constructor() {
    this.reset({ title: "Soundstage", you: "", ice: [] });
  }

  reset(hello) {
    this.title = hello.title;
    this.you = hello.you;
    this.ice = hello.ice;
    this.people = new Map();
    this.lines = [];
    this.growing = new Map();
    this.seats = [];
    this.loudAt = new Map();
    this.now = 0;
    this.goodbye = "";
    this.fellSilent = null;
  }

  person(name) {
    if (!this.people.has(name)) {
      const voice = this.people.size % 6;
      this.people.set(name, {
        name, voice, here: false, state: "not here yet", gap: null, cuts: 0,
        answers: false, heardUntil: -1,
      });
    }
    return this.people.get(name);
  }

  take(event) {
    const handler = HANDLERS[event.type];
    if (handler) handler(this, event);
  }

  // Whether a visitor has been loud enough just now to be speaking.
  isLoud(seat) {
    return this.now - (this.loudAt.get(seat) ?? -SAMPLE_RATE) < 0.4 * SAMPLE_RATE;
  }

  note(event, kind, text) {
    this.lines.push({ kind, agent: event.agent, text, pts: event.pts });
  }
}

const HANDLERS = {
  hello: (story, event) => story.reset(event),
  bye: (story, event) => { story.goodbye = event.text; },
  levels(story, event) {
    story.now = event.pts;
    for (const [seat, level] of Object.entries(event.seats)) {
      if (level > LOUD) story.loudAt.set(Number(seat), event.pts);
    }
  },
  seats: (story, event) => { story.seats = event.seats; },

  // The first event names everybody, in the order of declaration.
  run_started(story, event) {
    for (const name of event.agents) story.person(name);
  },
  joined(story, event) {
    const person = story.person(event.agent);
    if (!person.here) story.note(event, "note", "is here");
    person.here = true;
    person.state = "listening";
  },
  left(story, event) {
    const person = story.person(event.agent);
    if (person.here) story.note(event, "note", event.reason === "fault" ? "has failed" : "has left");
    person.here = false;
    person.state = event.reason === "fault" ? "failed" : "has left";
  },
  voice_started(story, event) {
    const person = story.person(event.agent);
    person.state = "speaking";
    if (story.fellSilent && story.fellSilent.agent !== event.agent) {
      person.gap = Math.max(0, seconds(event.pts - story.fellSilent.pts));
    }
    story.fellSilent = null;
  },
  voice_stopped(story, event) {
    const person = story.person(event.agent);
    if (person.state === "speaking") person.state = person.here ? "listening" : "has left";
    story.fellSilent = { agent: event.agent, pts: event.pts };
  },
  response_started(story, event) {
    const person = story.person(event.agent);
    person.answers = true;
    if (person.state === "listening") person.state = "thinking";
    story.growing.set(event.response, { agent: event.agent, text: "", pts: event.pts });
  },
  speech_started(story, event) {
    story.person(event.agent).answers = true;
  },
  saying(story, event) {
    const line = story.growing.get(event.response)
      ?? { agent: event.agent, text: "", pts: event.pts };
    line.text += event.text;
    story.growing.set(event.response, line);
  },
  response_done(story, event) {
    const person = story.person(event.agent);
    if (person.state === "thinking") person.state = "listening";
    if (!event.text) story.growing.delete(event.response);
  },
  turn(story, event) {
    const person = story.person(event.agent);
    if (event.response) {
      person.answers = true;
      story.growing.delete(event.response);
    } else {
      // Found in the sound: an agent that heard it may have been quoted for it already.
      if (event.start < person.heardUntil) return;
      person.heardUntil = event.end;
    }
    const text = event.text_source === "unknown" ? "(not recognised)" : event.said;
    if (!text && !event.cut_by) return;
    story.lines.push({
      kind: "said", agent: event.agent, text, pts: event.start, cutBy: event.cut_by,
    });
  },
  heard(story, event) {
    // An agent without replies of its own is quoted by the agents that hear it, and once only.
    const speaker = event.speaker && story.person(event.speaker);
    if (!speaker || speaker.answers || event.start < speaker.heardUntil) return;
    speaker.heardUntil = event.end;
    story.lines.push({ kind: "said", agent: event.speaker, text: event.text, pts: event.start });
  },
  interrupted(story, event) {
    story.person(event.agent).cuts += 1;
  },
  tool_called(story, event) {
    story.lines.push({
      kind: "tool", agent: event.agent, call: event.call, pts: event.pts,
      text: `${event.tool}(${plain(event.arguments)})`, answer: null,
    });
  },
  tool_returned(story, event) {
    const line = story.lines.findLast((each) => each.call === event.call);
    if (!line) return;
    line.answer = event.error || plain(event.output);
    line.failed = Boolean(event.error);
    line.latency = seconds(event.latency);
  },
  fault: (story, event) => story.note(event, "fault", event.error),
  hang_up: (story, event) => story.note(event, "note", "hung up"),
  run_ended: (story, event) => story.note(event, "note", `the run has ended: ${event.reason}`),
};

function plain(json) {
  try {
    const value = JSON.parse(json);
    if (value === null || typeof value !== "object") return String(value);
    return Object.entries(value)
      .map(([key, each]) => `${key}: ${typeof each === "string" ? each : JSON.stringify(each)}`)
      .join(", ");
  } catch {
    return json;
  }
}
