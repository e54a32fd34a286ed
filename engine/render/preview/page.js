(() => {
  "use strict";
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const root = document.documentElement;
  const links = all("[data-go]");
  const sections = all(".message[data-message]");
  const find = document.getElementById("find");
  const keep = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem("parcours-" + name);
      localStorage.setItem("parcours-" + name, value);
    } catch { /* a page opened as a file may have no storage */ }
    return null;
  };

  // What is shown stands in the address, so that it outlives a reload and can be shared.
  const state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const picks = Object.fromEntries(all("[data-pick]").map((set) => [set.dataset.pick, all("input", set)]));
  const names = links.map((link) => link.dataset.go);
  if (!names.includes(state.message)) state.message = names[0] || "";
  for (const [name, inputs] of Object.entries(picks)) {
    const wanted = inputs.find((input) => input.value === state[name]);
    if (wanted) wanted.checked = true;
    state[name] = inputs.find((input) => input.checked).value;
  }
  let theme = keep("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  // The mail's own rules for the dark follow the page's switch, whatever the system says.
  const themed = (html) =>
    html
      .replace(/\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi, theme === "dark" ? "all" : "not all")
      .replace(/@media\s+\(?\s*(not all|all)\b/gi, "@media $1")
      .replace(/color-scheme:\s*light dark/gi, "color-scheme: " + theme);

  const fit = (frame) => {
    const device = frame.parentElement;
    const height = frame.contentDocument?.documentElement?.scrollHeight || 640;
    const scale = Math.min(1, device.clientWidth / Number(device.dataset.width)) || 1;
    frame.style.height = height + "px";
    frame.style.transform = "scale(" + scale + ")";
    device.style.height = Math.ceil(height * scale) + "px";
  };
  const fill = (card) => {
    const frames = all("iframe", card);
    if (!frames.length || card.dataset.theme === theme) return frames.forEach(fit);
    card.dataset.theme = theme;
    const html = themed(frames[0].dataset.html);
    for (const frame of frames) {
      frame.style.height = "100px";
      frame.onload = () => fit(frame);
      frame.srcdoc = html;
    }
  };

  const show = () => {
    root.dataset.theme = theme;
    document.getElementById("theme-name").textContent = theme === "dark" ? "Dark" : "Light";
    for (const link of links) link.setAttribute("aria-current", String(link.dataset.go === state.message));
    for (const section of sections) {
      section.hidden = section.dataset.message !== state.message;
      if (section.hidden) continue;
      const cards = all(".card", section);
      for (const card of cards) {
        card.hidden = !["channel", "locale", "persona"].every((by) => !state[by] || card.dataset[by] === state[by]);
        if (!card.hidden) fill(card);
      }
      section.querySelector(".empty").hidden = cards.some((card) => !card.hidden);
      const used = new Set(cards.map((card) => card.dataset.channel));
      for (const input of picks.channel)
        input.parentElement.classList.toggle("off", Boolean(input.value) && !used.has(input.value));
    }
    const shown = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
    history.replaceState(null, "", "#" + shown);
  };

  const go = (name) => {
    state.message = name;
    show();
    links.find((link) => link.dataset.go === name)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    scrollTo(0, 0);
  };
  const step = (by) => {
    const open = links.filter((link) => !link.parentElement.hidden).map((link) => link.dataset.go);
    const at = open.indexOf(state.message);
    if (open.length) go(open[at < 0 ? 0 : Math.min(open.length - 1, Math.max(0, at + by))]);
  };
  const next = (name) => {
    const inputs = picks[name];
    const at = (inputs.findIndex((input) => input.checked) + 1) % inputs.length;
    inputs[at].checked = true;
    state[name] = inputs[at].value;
    show();
  };
  const turn = () => {
    theme = theme === "dark" ? "light" : "dark";
    keep("theme", theme);
    show();
  };

  for (const link of links)
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(link.dataset.go);
    });
  for (const [name, inputs] of Object.entries(picks))
    for (const input of inputs)
      input.addEventListener("change", () => {
        state[name] = input.value;
        show();
      });
  document.getElementById("theme").addEventListener("click", turn);
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().replace(/_/g, " ").split(" ").filter(Boolean);
    let left = 0;
    for (const link of links) {
      const name = link.dataset.go.replace(/_/g, " ");
      const fits = words.every((word) => name.includes(word));
      link.parentElement.hidden = !fits;
      left += fits ? 1 : 0;
    }
    document.getElementById("nothing").hidden = left > 0;
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.activeElement === find) {
      if (event.key === "Enter") step(0);
      if (event.key === "Escape" || event.key === "Enter") find.blur();
      return;
    }
    const keys = {
      j: () => step(1), k: () => step(-1), c: () => next("channel"), l: () => next("locale"), p: () => next("persona"),
      t: turn, "/": () => find.focus(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  let later = 0;
  addEventListener("resize", () => {
    clearTimeout(later);
    later = setTimeout(() => all(".card:not([hidden]) iframe").forEach(fit), 80);
  });
  show();

  const version = root.dataset.live;
  if (version) {
    const changes = new EventSource("/changes");
    const gone = document.getElementById("gone");
    changes.onopen = () => { gone.hidden = true; };
    changes.onmessage = (event) => { if (event.data !== version) location.reload(); };
    changes.onerror = () => { gone.hidden = false; };
  }
})();
