"use strict";
// The prompts of a store as they happen. `fetch` and not EventSource: it hears the heartbeats too, so a line that is
// dead without saying so is noticed. Goes on behind the last event it has heard.
function listen(url, hear, state) {
  const SILENCE = 40000, LONGEST = 10000;
  let last = "", pause = 1000;

  async function read() {
    const ending = new AbortController();
    let watch = setTimeout(() => ending.abort(), SILENCE);
    try {
      const headers = last ? { Accept: "text/event-stream", "Last-Event-ID": last } : { Accept: "text/event-stream" };
      const answer = await fetch(url, { headers, signal: ending.signal, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watch);
        watch = setTimeout(() => ending.abort(), SILENCE);
        state("live");
        pause = 1000;
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        for (const part of parts) tell(part);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  function tell(part) {
    const said = { event: "message", data: [], id: "" };
    for (const line of part.split("\n")) {
      const cut = line.indexOf(":");
      if (cut < 1) continue;
      const name = line.slice(0, cut), value = line.slice(cut + 1).replace(/^ /, "");
      if (name === "data") said.data.push(value);
      else if (name in said) said[name] = value;
    }
    if (said.data.length) hear(said.event, JSON.parse(said.data.join("\n")));
    if (said.id) last = said.id;
  }

  (async () => {
    for (;;) {
      try {
        await read();
      } catch {
        pause = Math.min(pause * 2, LONGEST);
      }
      state("away");
      await new Promise((then) => setTimeout(then, pause));
    }
  })();
}
