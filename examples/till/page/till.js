"use strict";
const $ = (id) => document.getElementById(id);
const store = decodeURIComponent(document.location.pathname.split("/")[2] || "");
const shown = new Map(); // prompt id -> { data, card, from }
const kept = { get: (name) => localStorage.getItem(name) || "", set: (name, value) => localStorage.setItem(name, value) };
let language = kept.get("language") || (navigator.language.startsWith("fr") ? "fr" : "en");
let me = kept.get("associate");
let state = "away", ahead = 0, hush = 0;

const say = (word, ...given) => {
  const found = WORDS[language][word];
  return typeof found === "function" ? found(...given) : found;
};
const now = () => Date.now() + ahead; // by the server's clock, whatever this tablet's says

function news(text) {
  $("news").textContent = text;
  clearTimeout(hush);
  hush = setTimeout(() => ($("news").textContent = ""), 6000);
}

function add(data) {
  if (shown.has(data.id) || Date.parse(data.until) <= now()) return false;
  const card = $("card").content.firstElementChild.cloneNode(true);
  card.querySelector("h2").textContent = data.text.title;
  card.querySelector(".body").textContent = data.text.body;
  const link = card.querySelector(".link a");
  if (/^https:\/\//.test(data.text.link)) link.href = link.textContent = data.text.link;
  else link.parentElement.hidden = true;
  card.querySelector("blockquote p").textContent = data.talk_track;
  card.querySelector("blockquote").hidden = !data.talk_track;
  for (const button of card.querySelectorAll("[data-do]"))
    button.addEventListener("click", () => act(data.id, button.dataset.do));
  shown.set(data.id, { data, card, from: now() });
  $("prompts").append(card);
  return true;
}

function remove(id) {
  const found = shown.get(id);
  if (!found) return false;
  found.card.remove();
  shown.delete(id);
  return true;
}

function draw() {
  document.documentElement.lang = language;
  $("store").textContent = document.title = store;
  $("line").textContent = say(state);
  $("line").dataset.state = state;
  $("language").textContent = say("other");
  $("me").textContent = me;
  $("me").hidden = !me;
  $("who").hidden = Boolean(me);
  $("prompts").hidden = !me;
  $("none").hidden = !me || shown.size > 0;
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
  for (const { data, card } of shown.values()) drawCard(data, card);
}

function drawCard(data, card) {
  const claim = data.claim && (!data.claim.until || Date.parse(data.claim.until) > now()) ? data.claim : null;
  const mine = Boolean(claim) && claim.associate === me, other = Boolean(claim) && !mine;
  const at = claim ? new Date(claim.at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" }) : "";
  card.classList.toggle("mine", mine);
  card.classList.toggle("other", other);
  card.querySelector("blockquote b").textContent = say("say");
  const taken = card.querySelector(".taken");
  taken.hidden = !claim;
  taken.textContent = mine ? say("mine") : claim ? say("has", claim.associate, at) : "";
  card.querySelector(".claim").hidden = Boolean(claim);
  card.querySelector(".outcomes").hidden = !mine;
  for (const button of card.querySelectorAll("[data-do]")) {
    button.textContent = say(button.dataset.do);
    button.disabled = state !== "live" || card.dataset.busy === "yes";
  }
}

function tick() {
  for (const [id, { data, card, from }] of shown) {
    const until = Date.parse(data.until), left = until - now();
    if (left <= 0) {
      remove(id);
      draw();
      continue;
    }
    const seconds = Math.ceil(left / 1000);
    card.querySelector(".left").textContent =
      `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${say("left")}`;
    card.classList.toggle("last", left < 300000);
    card.querySelector("progress").value = left / Math.max(until - from, 1);
    if (data.claim && data.claim.until && Date.parse(data.claim.until) <= now()) {
      data.claim = null;
      drawCard(data, card);
    }
  }
}

function hear(kind, said) {
  if (said.now) ahead = Date.parse(said.now) - Date.now();
  const one = shown.get(said.id);
  if (kind === "prompts") {
    const there = new Map(said.prompts.map((each) => [each.id, each]));
    for (const id of [...shown.keys()]) if (!there.has(id)) remove(id);
    for (const [id, data] of there) {
      if (shown.has(id)) shown.get(id).data.claim = data.claim;
      else add(data);
    }
  } else if (kind === "shown") {
    if (add(said)) news(say("shown") + said.text.title);
  } else if (kind === "claimed" && one) one.data.claim = said.claim;
  else if (kind === "released" && one) one.data.claim = null;
  else if (kind === "answered") {
    if (remove(said.id) && said.associate !== me) news(say("answered", said.associate));
  } else if (kind === "withdrawn") {
    if (remove(said.id)) news(say(said.reason === "goal" ? "goal" : "withdrawn"));
  }
  draw();
  tick();
}

async function act(id, what) {
  const one = shown.get(id);
  if (!one) return;
  const path = what === "claim" || what === "release" ? what : "outcome";
  one.card.dataset.busy = "yes";
  draw();
  try {
    const answer = await fetch(`/v1/prompts/${encodeURIComponent(id)}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(path === "outcome" ? { associate: me, outcome: what } : { associate: me }),
    });
    const said = await answer.json();
    if (answer.ok && path === "outcome") remove(id);
    else if (answer.ok) one.data.claim = said.claim;
    else if (said.standing === "taken") one.data.claim = said.claim;
    else if (answer.status === 410 || said.standing === "answered") {
      if (remove(id)) news(say("gone"));
    } else news(say("failed"));
  } catch {
    news(say("failed"));
  }
  delete one.card.dataset.busy;
  draw();
}

$("language").addEventListener("click", () => {
  language = language === "fr" ? "en" : "fr";
  kept.set("language", language);
  draw();
});
$("me").addEventListener("click", () => {
  me = "";
  kept.set("associate", "");
  draw();
  $("name").focus();
});
$("who").addEventListener("submit", (event) => {
  event.preventDefault();
  me = $("name").value.trim();
  kept.set("associate", me);
  draw();
});
listen(`/v1/stores/${encodeURIComponent(store)}/prompts`, hear, (found) => {
  if (found !== state) {
    state = found;
    draw();
  }
});
setInterval(tick, 500);
draw();
