// The console's script: live parts, dialogs, parts of forms, buttons that are at work. Pages work without it, only less.
(() => {
  "use strict";
  const all = (what, where = document) => [...where.querySelectorAll(what)];

  // Dialogs: <button data-opens="id"> shows <dialog id>; what has the class "closes" in it closes it.
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    const dialog = opens && document.getElementById(opens.dataset.opens);
    if (dialog) {
      event.preventDefault(); // without this script the button asks for the page with its dialog open
      dialog.close(); // it may be open as a part of the page
      dialog.showModal();
    }
    const closes = event.target.closest("dialog .closes");
    if (closes) {
      event.preventDefault();
      closes.closest("dialog").close();
    }
    if (event.target.matches("dialog")) event.target.close();
  });

  // A choice of language or of light keeps what the page was asked meanwhile, which may be more than when it came.
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("a[data-choice]");
    if (!choice) return;
    const chosen = new URL(choice.href);
    if (chosen.pathname !== location.pathname) return;
    const query = new URLSearchParams(location.search);
    for (const name of ["lang", "theme"]) if (chosen.searchParams.has(name)) query.set(name, chosen.searchParams.get(name));
    chosen.search = query.toString();
    choice.href = chosen.href;
  });

  // A form that is under way: its button says so and takes no second click.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-busy]")) return;
    for (const button of all("button", form)) {
      button.setAttribute("aria-busy", "true");
      setTimeout(() => { button.disabled = true; });
    }
  });
  window.addEventListener("pageshow", () => all("[aria-busy]").forEach((each) => {
    each.removeAttribute("aria-busy");
    each.disabled = false;
  }));
  all("form[data-auto]").forEach((form) => form.requestSubmit());

  // Live: the server sends the block again whenever it says something else. What has the focus keeps it.
  const live = document.querySelector("[data-live]");
  const away = document.querySelector("[data-away]");
  let stream = null;
  const show = (html) => {
    const before = document.activeElement;
    const id = before && live.contains(before) ? before.id || before.getAttribute("href") : "";
    if (live.querySelector("dialog[open]")) return;
    const opened = all("details[open][id]", live).map((each) => each.id);
    live.innerHTML = html;
    opened.forEach((each) => document.getElementById(each)?.setAttribute("open", ""));
    if (!id) return;
    const again = document.getElementById(id) || all("[href]", live).find((each) => each.getAttribute("href") === id);
    again?.focus({ preventScroll: true });
  };
  const listen = () => {
    if (!live || stream || document.hidden) return;
    stream = new EventSource(location.href);
    stream.addEventListener("live", (event) => { away.hidden = true; show(event.data); });
    stream.addEventListener("open", () => { away.hidden = true; });
    stream.addEventListener("over", () => { stream.close(); location.reload(); });
    stream.addEventListener("error", () => { away.hidden = stream.readyState === EventSource.CLOSED; });
  };
  const rest = () => { stream?.close(); stream = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  window.addEventListener("pagehide", rest);
  listen();

  // What takes its time is fetched after the page: <div data-load="address" data-part="block"> holds a word until then.
  all("[data-load]").forEach(async (place) => {
    try {
      const answer = await fetch(place.dataset.load, { headers: { "X-Part": place.dataset.part } });
      if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
      else location.assign(place.dataset.load);
    } catch {
      away.hidden = false;
    }
  });

  // Parts: <form data-part="block" data-into="id"> fetches that block of the page whenever something in it changes.
  const fetches = new Map();
  const refresh = async (form) => {
    const into = document.getElementById(form.dataset.into);
    const url = new URL(form.action || location.href);
    url.search = new URLSearchParams(new FormData(form)).toString();
    fetches.get(form)?.abort();
    const control = new AbortController();
    fetches.set(form, control);
    into.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { headers: { "X-Part": form.dataset.part }, signal: control.signal });
      if (answer.redirected) { location.reload(); return; }
      into.innerHTML = await answer.text();
      history.replaceState(null, "", url);
    } catch (fault) {
      if (fault.name !== "AbortError") away.hidden = false;
      return;
    }
    into.removeAttribute("aria-busy");
  };
  const waits = new Map();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-part]");
    if (!form) return;
    clearTimeout(waits.get(form));
    waits.set(form, setTimeout(() => refresh(form), event.target.matches("input[type=search], input[type=text], textarea") ? 250 : 0));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-part]");
    if (!form || form.method !== "get") return;
    event.preventDefault();
    refresh(form);
  });
})();
