// The sandbox's page: a phone (in a wide window two), several people, a clock that can be moved. It talks to the sandbox
// server only.

import { setUpAttachments } from "./attach.js";
import { setUpGuide } from "./guide.js";
import { beside, beSecondPhone, setUpSecondPhone } from "./two_phones.js";
import { botLink, el, icon, initials, messageRow, spokenText } from "./bubbles.js";
import {
  ZONES, currentLanguage, dayKey, dayText, hourText, longDayText, momentText, forgetKept, recall, refusalText, relativeText, remember, setLanguage, w,
} from "./words.js";

const $ = (id) => document.getElementById(id);
const REACTIONS = ["👍", "❤", "🔥", "🎉", "👏", "🙏"];
const ANSWER_PATIENCE = 30000; // ms a tapped button turns before the page says that no answer came
const wide = matchMedia("(min-width: 1240px)"); // as in chat.css: the tools have a column of their own
const PERSON = beside ? "person.beside" : "person"; // the two phones remember different people
const touch = matchMedia("(pointer: coarse)");

const world = { bot: { username: "", first_name: "" }, people: [], time: { now: new Date().toISOString(), next_due: null, moved: false } };
let person = null; // id of the person one talks as
let loaded = false;
let keyboard = null;
let keyboardOpen = true;
let commands = [];
let zone = "WIB";
let connected = false;
let clockAhead = 0; // ms the sandbox's clock is ahead of this machine's
let typingTimer = 0;
const messages = new Map(); // id -> message, of the open chat
const rows = new Map(); // id -> its element
const touched = new Map(); // id -> count of the live change that last wrote it; a slower whole answer must not undo it
const drafts = new Map();
const unreadHere = new Map(); // unread counts between two answers of the server
const pending = new Map(); // button key -> {query, timer}
const answered = []; // query ids whose answer overtook the answer to the tap
let changes = 0;

/* ---- The server ---- */

class Refused extends Error {}

async function api(path, body) {
  const options = body === undefined ? {} : body instanceof FormData
    ? { method: "POST", body }
    : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try { response = await fetch("/sandbox/" + path, { cache: "no-store", ...options }); } catch { throw new Refused(w("offline")); }
  const text = await response.text();
  let answer = {};
  try { answer = text ? JSON.parse(text) : {}; } catch { /* not JSON: the status says enough */ }
  if (!response.ok) throw new Refused(w("failed", { error: refusalText(String(answer?.error || response.status)).replace(/\.+$/, "") }));
  return answer;
}

// Does it, and says kindly if it fails. Returns the answer, or undefined after a failure.
async function attempt(work, more = "") {
  try { return await work(); } catch (error) {
    notice([error instanceof Refused ? error.message : w("failed", { error: error.message }), more].filter(Boolean).join(" "));
    if (!(error instanceof Refused)) console.error(error);
    return undefined;
  }
}

const chatPath = (what) => `chat/${encodeURIComponent(person)}${what}`;
// Kept until it is known whose phone this is: a quick hand taps before the page has been told.
let personKnown;
const somebodyIsHere = new Promise((known) => { personKnown = known; });
async function post(what, body, more) {
  await somebodyIsHere;
  const answer = await attempt(() => api(chatPath("/" + what), body), more);
  if (answer !== undefined) {
    hideNotice();
    if (!connected) loadChat();
  }
  return answer;
}

let noticeTimer = 0;
function notice(text, stay = false) {
  $("notice-text").textContent = text;
  $("notice").hidden = false;
  clearTimeout(noticeTimer);
  if (!stay) noticeTimer = setTimeout(() => { $("notice").hidden = true; }, 8000);
}
const hideNotice = () => { clearTimeout(noticeTimer); $("notice").hidden = true; };

/* ---- The chat ---- */

const context = {
  get bot() { return world.bot; },
  get zone() { return zone; },
  key: (messageId, data) => `${person}|${messageId}|${data}`,
  isPending: (key) => pending.has(key),
  tap, say, react,
  vote: (messageId, option) => post("vote", { message_id: messageId, option }),
  openLink: (payload) => openPayload(payload),
  unknown: () => notice(w("unknown_button")),
  openReactions, openMenu, showPicture,
  find: (id) => messages.get(id),
};

const scroll = $("scroll");
let atBottom = true;
let missed = 0;
const toBottom = () => { scroll.scrollTop = scroll.scrollHeight; };
scroll.addEventListener("scroll", () => {
  atBottom = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  if (atBottom) missed = 0;
  showToBottom();
}, { passive: true });
function showToBottom() {
  $("to-bottom").hidden = atBottom;
  $("to-bottom-count").hidden = !missed;
  $("to-bottom-count").textContent = String(missed);
}
$("to-bottom").addEventListener("click", () => { atBottom = true; missed = 0; toBottom(); showToBottom(); });
new ResizeObserver(() => { if (atBottom) toBottom(); }).observe(scroll);
new ResizeObserver(() => { if (atBottom) toBottom(); }).observe($("messages"));

function renderMessage(message) {
  const old = rows.get(message.id);
  const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const row = messageRow(message, context);
  rows.set(message.id, row);
  if (old) {
    old.replaceWith(row);
    // An edited menu keeps the keyboard user's place.
    if (focused !== undefined) ([...row.querySelectorAll("[data-key]")].find((b) => b.dataset.key === focused) ?? row.querySelector(".inline-button") ?? scroll).focus({ preventScroll: true });
    return row;
  }
  const later = [...$("messages").querySelectorAll(":scope > [data-message-id]")].find((other) => Number(other.dataset.messageId) > Number(message.id));
  $("messages").insertBefore(row, later ?? null);
  return row;
}

// Day separators and the joining of one sender's bubbles depend on the neighbours, so they are set anew after each change.
function arrange() {
  const list = $("messages");
  list.querySelectorAll(":scope > .day").forEach((day) => day.remove());
  const today = dayKey(now(), zone);
  const yesterday = dayKey(new Date(now().getTime() - 86400000), zone);
  let day = "";
  let before = null;
  for (const row of [...list.children]) {
    const message = messages.get(Number(row.dataset.messageId));
    const itsDay = dayKey(new Date(message.date), zone);
    if (itsDay !== day) {
      day = itsDay;
      const name = day === today ? `${w("today")}, ${dayText(new Date(message.date), zone)}` : day === yesterday
        ? `${w("yesterday")}, ${dayText(new Date(message.date), zone)}` : longDayText(new Date(message.date), zone);
      list.insertBefore(el("li", { class: "day", "data-testid": "day" }, el("span", {}, name)), row);
      before = null;
    }
    row.classList.toggle("follows", before?.dataset.from === row.dataset.from && !before.classList.contains("with-buttons"));
    before?.classList.toggle("goes-on", row.classList.contains("follows"));
    row.classList.remove("goes-on");
    before = row;
  }
  showFoot();
}

function receive(message, isNew) {
  const known = messages.get(message.id);
  messages.set(message.id, message);
  touched.set(message.id, ++changes);
  const row = renderMessage(message);
  arrange();
  if (known || !isNew) { if (atBottom) toBottom(); return; }
  row.classList.add("arrives");
  if (message.from === "bot") {
    setTyping(false);
    $("live").append(el("p", {}, spokenText(message))); // each is read, also when several come at once
    while ($("live").children.length > 10) $("live").firstChild.remove();
    if (!atBottom) { missed += 1; showToBottom(); }
  } else atBottom = true;
  if (atBottom) toBottom();
}

function forget(id) {
  touched.set(id, ++changes);
  messages.delete(id);
  rows.get(id)?.remove();
  rows.delete(id);
  arrange();
}

function clearChat() {
  messages.clear(); rows.clear(); touched.clear();
  $("messages").replaceChildren();
  loaded = false;
  missed = 0;
  atBottom = true;
  setTyping(false);
  closeReactions();
}

let loading = 0;
async function loadChat() {
  if (person === null) return;
  const ticket = ++loading;
  const mine = person;
  const since = changes;
  const chat = await attempt(() => api(`chat/${encodeURIComponent(mine)}?after=0`));
  if (!chat || ticket !== loading || mine !== person) return;
  const stale = (id) => (touched.get(id) ?? 0) > since;
  const present = new Set(chat.messages.map((message) => message.id));
  for (const id of [...messages.keys()]) if (!present.has(id) && !stale(id)) { messages.delete(id); rows.get(id)?.remove(); rows.delete(id); }
  for (const message of chat.messages) {
    if (stale(message.id) || JSON.stringify(messages.get(message.id)) === JSON.stringify(message)) continue;
    messages.set(message.id, message);
    renderMessage(message);
  }
  loaded = true;
  setKeyboard(chat.keyboard ?? null);
  setCommands(chat.commands ?? []);
  const me = here();
  if (me) me.blocked = Boolean(chat.blocked);
  unreadHere.delete(person);
  if (me) me.unread = 0;
  arrange();
  showPeople();
  if (atBottom) toBottom();
}

// What the events did not say (unread counts, the next due moment) is asked for once things are quiet.
let quietTimer = 0;
function settle() {
  clearTimeout(quietTimer);
  quietTimer = setTimeout(async () => {
    if (document.visibilityState === "visible" && person !== null && messages.size) {
      const mine = person;
      try {
        // Asking for what follows the last message also tells the server that the open chat has been read.
        const chat = await api(`chat/${encodeURIComponent(mine)}?after=${Math.max(...messages.keys())}`);
        if (mine === person) {
          for (const message of chat.messages) if (!messages.has(message.id)) receive(message, true);
          setKeyboard(chat.keyboard ?? null);
          setCommands(chat.commands ?? []);
        }
      } catch { /* the next event or reconnect asks again */ }
    }
    loadWorld(true);
  }, 600);
}

/* ---- The foot: composer, start, unblock, reply keyboard ---- */

const composer = $("composer");

function showFoot() {
  const blocked = Boolean(here()?.blocked);
  const empty = loaded && messages.size === 0;
  $("empty").hidden = !empty;
  $("start").hidden = !(empty && !blocked);
  $("unblock").hidden = !blocked;
  $("composer-form").hidden = blocked || empty || person === null;
  $("reply-keyboard").hidden = blocked || empty || !keyboard || !keyboardOpen;
  $("keyboard-toggle").hidden = !keyboard;
  $("keyboard-toggle").setAttribute("aria-expanded", String(keyboardOpen));
  $("command-menu").hidden = !commands.length;
  $("block-text").textContent = w(blocked ? "unblock" : "block");
  $("block").classList.toggle("danger", !blocked);
  const typed = composer.value.trim() !== "";
  $("composer-form").classList.toggle("typed", typed);
  composer.placeholder = (keyboard?.input_field_placeholder || "") || w("composer");
}

function grow() {
  composer.style.height = "auto";
  composer.style.height = Math.min(composer.scrollHeight, 140) + "px";
}

composer.addEventListener("input", () => {
  drafts.set(person, composer.value);
  grow();
  showFoot();
  const typed = composer.value;
  if (/^\/\S*$/.test(typed)) openCommands(typed.slice(1).toLowerCase());
  else closeCommands();
});
composer.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch.matches) {
    event.preventDefault();
    sendComposer();
  }
  if (event.key === "ArrowUp" && !$("commands").hidden) {
    event.preventDefault();
    $("commands").lastElementChild?.focus();
  }
  if (event.key === "Escape") { closeCommands(); closeAttach(); }
});
$("composer-form").addEventListener("submit", (event) => { event.preventDefault(); sendComposer(); });

async function sendComposer() {
  const text = composer.value.trim();
  if (!text || person === null) return;
  if (editing) return finishEditing(text);
  const mine = person;
  setComposer("");
  closeCommands();
  if (await throughKeyboard(() => post("say", { text }, w("kept"))) !== undefined) return;
  // Never lose what was typed: it comes back before whatever has been typed since.
  const since = mine === person ? composer.value : drafts.get(mine) ?? "";
  const whole = since ? text + "\n" + since : text;
  drafts.set(mine, whole);
  if (mine === person) setComposer(whole);
}
function setComposer(text) {
  composer.value = text;
  drafts.set(person, text);
  grow();
  showFoot();
}

/* ---- Editing one's own message ---- */

let editing = null; // {person, message}
function beginEditing(message) {
  editing = { message, before: composer.value };
  $("editing-words").textContent = message.text || message.caption || "";
  $("editing").hidden = false;
  setComposer(message.text || message.caption || "");
  composer.focus();
}
function stopEditing() {
  if (!editing) return;
  const { before } = editing;
  editing = null;
  $("editing").hidden = true;
  setComposer(before);
}
async function finishEditing(text) {
  if (await post("edit", { message_id: editing.message.id, text }, w("kept")) !== undefined) stopEditing();
}
$("editing-stop").addEventListener("click", () => { stopEditing(); composer.focus(); });

async function say(text) {
  closeCommands();
  atBottom = true;
  return post("say", { text });
}

$("start").addEventListener("click", () => busy($("start"), () => post("start", { payload: "" })));
$("unblock").addEventListener("click", () => setBlocked(false));
$("block").addEventListener("click", () => { setBlocked(!here()?.blocked); closeSheet(); });

async function setBlocked(blocked) {
  const mine = person;
  if (await post(blocked ? "block" : "unblock", {}) === undefined) return;
  const them = world.people.find((other) => other.id === mine);
  if (them) them.blocked = blocked;
  showPeople();
  showFoot();
}

async function busy(button, work) {
  if (button.disabled) return undefined;
  button.disabled = true;
  try { return await work(); } finally { button.disabled = false; }
}

// announced: the bot has just sent it, so it opens even if it is the same as before.
function setKeyboard(next, announced = false) {
  const usable = next && Array.isArray(next.keyboard) && next.keyboard.length ? next : null;
  const same = JSON.stringify(usable) === JSON.stringify(keyboard);
  keyboard = usable;
  if (announced && next?.force_reply) composer.focus();
  if (!same || announced) keyboardOpen = true;
  if (!same) drawKeyboard();
  showFoot();
}
function drawKeyboard() {
  $("reply-keyboard").replaceChildren(...(keyboard?.keyboard ?? []).map((row) => el("div", { class: "inline-row" }, ...row.map((button) => {
    const its = typeof button === "string" ? { text: button } : button;
    return el("button", { type: "button", class: "reply-button", "data-testid": "reply-button", onclick: () => replyTapped(its) },
      its.request_location ? icon("pin", "small") : null, its.request_contact ? icon("contact", "small") : null, el("span", {}, its.text));
  }))));
}
async function replyTapped(button) {
  if (button.request_location) return askLocation();
  if (button.request_contact) return askContact();
  if (button.request_users || button.request_chat || button.request_poll || button.web_app) return notice(w("unknown_button"));
  return throughKeyboard(() => say(button.text));
}
// A keyboard for one use folds before the answer leaves: the bot's next keyboard may be here before the server's reply.
async function throughKeyboard(work) {
  const folds = keyboard?.one_time_keyboard && keyboardOpen;
  if (folds) { keyboardOpen = false; showFoot(); }
  const answer = await work();
  if (folds && answer === undefined) { keyboardOpen = true; showFoot(); }
  return answer;
}
$("keyboard-toggle").addEventListener("click", () => { keyboardOpen = !keyboardOpen; showFoot(); });

/* ---- Command menu and attachments ---- */

function setCommands(list) {
  commands = list;
  if (!commands.length) closeCommands();
  showFoot();
}
function openCommands(filter = "") {
  const fitting = commands.filter((command) => command.command.toLowerCase().startsWith(filter));
  if (!fitting.length) return closeCommands();
  closeAttach();
  $("commands").replaceChildren(...fitting.map((command) => el("button", { type: "button", "data-testid": "command", "data-command": command.command, onclick: () => {
    setComposer("");
    say("/" + command.command);
    composer.focus({ preventScroll: true });
  } }, el("strong", {}, "/" + command.command), el("span", {}, command.description))));
  $("commands").hidden = false;
  $("command-menu").setAttribute("aria-expanded", "true");
}
function closeCommands() {
  $("commands").hidden = true;
  $("command-menu").setAttribute("aria-expanded", "false");
}
$("command-menu").addEventListener("click", () => ($("commands").hidden ? openCommands() : closeCommands()));
for (const menu of [$("commands"), $("attach-menu")]) { // arrows go from entry to entry
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    }
    if (event.key === "Escape") { closeCommands(); closeAttach(); composer.focus(); }
  });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("#attach-menu, #attach")) closeAttach();
  if (!event.target.closest("#commands, #command-menu, #composer")) closeCommands();
  if (!event.target.closest(".reactions, .react")) closeReactions();
});
const attachments = setUpAttachments({
  post, notice, throughKeyboard, closeCommands,
  follow: () => { atBottom = true; },
});
const { closeAttach, askLocation, askContact } = attachments;
function showPicture(source, caption) {
  $("picture-image").src = source;
  $("picture-image").alt = caption || w("picture");
  $("picture").showModal();
}

/* ---- Taps, toasts, reactions ---- */

function markButtons(key) {
  for (const button of $("messages").querySelectorAll(".inline-button[data-key]")) {
    if (button.dataset.key !== key) continue;
    button.classList.toggle("pending", pending.has(key));
    if (pending.has(key)) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
  }
}
function stopSpinner(key) {
  clearTimeout(pending.get(key)?.timer);
  pending.delete(key);
  markButtons(key);
}
async function tap(messageId, data) {
  const key = context.key(messageId, data);
  if (pending.has(key)) return;
  const wait = { query: null, timer: setTimeout(() => { stopSpinner(key); notice(w("no_answer")); }, ANSWER_PATIENCE) };
  pending.set(key, wait);
  markButtons(key);
  const answer = await post("tap", { message_id: messageId, data });
  if (answer === undefined) return stopSpinner(key);
  const query = String(answer.query_id ?? "");
  if (answered.includes(query)) return stopSpinner(key);
  wait.query = query;
  if (answer.seconds && pending.get(key) === wait) {
    clearTimeout(wait.timer);
    wait.timer = setTimeout(() => { stopSpinner(key); notice(w("no_answer")); }, answer.seconds * 1000 + 3000);
  }
}
function toast(event) {
  const query = String(event.query_id ?? "");
  const waiting = [...pending].find(([, wait]) => wait.query === query);
  if (waiting) stopSpinner(waiting[0]);
  else {
    answered.push(query);
    if (answered.length > 100) answered.shift();
  }
  if (event.person !== person) return;
  if (event.expired) { notice(event.text || w("no_answer")); return; }
  if (!event.text) return;
  if (event.alert) {
    $("alert-text").textContent = event.text;
    $("alert-text").dataset.testid = "toast";
    if (!$("alert").open) $("alert").showModal();
    return;
  }
  const shown = el("div", { class: "toast", "data-testid": "toast", role: "status" }, event.text);
  $("toasts").replaceChildren(shown);
  setTimeout(() => shown.classList.add("leaves"), 3200);
  setTimeout(() => shown.remove(), 3600);
}

$("alert").addEventListener("close", () => { $("alert-text").textContent = ""; delete $("alert-text").dataset.testid; });

function closeReactions() { document.querySelector(".reactions")?.remove(); }
function openReactions(anchor, message) {
  closeReactions();
  const choose = (emoji) => () => { closeReactions(); react(message, emoji); };
  const strip = el("div", { class: "reactions", role: "group", "aria-label": w("react"), onkeydown: (event) => {
    if (event.key === "Escape") { closeReactions(); anchor.focus?.(); } } },
  ...REACTIONS.map((emoji) => el("button", { type: "button", "data-testid": "reaction-choice", "aria-pressed": String(mine(message) === emoji), onclick: choose(emoji) }, emoji)));
  anchor.closest(".stack").prepend(strip);
  strip.append(forwardButton(message));
  strip.querySelector("button").focus({ preventScroll: true });
}
const forwardButton = (message) => (message.poll ? "" : el("button", { type: "button", class: "menu-entry", "data-testid": "forward", "aria-label": w("forward"), onclick: () => {
  closeReactions();
  atBottom = true;
  post("forward", { message_id: message.id });
} }, icon("forward", "small")));
// What one can do with one's own message.
function openMenu(anchor, message) {
  closeReactions();
  const editable = !message.forwarded && (message.text || message.caption);
  const menu = el("div", { class: "reactions", role: "group", "aria-label": w("message_menu"), onkeydown: (event) => {
    if (event.key === "Escape") { closeReactions(); anchor.focus?.(); } } },
  editable ? el("button", { type: "button", class: "menu-entry wide", "data-testid": "edit", onclick: () => { closeReactions(); beginEditing(messages.get(message.id) ?? message); } }, icon("edit", "small"), el("span", {}, w("edit"))) : null,
  el("button", { type: "button", class: "menu-entry wide", "data-testid": "forward", onclick: () => { closeReactions(); atBottom = true; post("forward", { message_id: message.id }); } }, icon("forward", "small"), el("span", {}, w("forward"))));
  anchor.closest(".stack").prepend(menu);
  menu.querySelector("button").focus({ preventScroll: true });
}
const mine = (message) => (message.person_reaction !== undefined ? message.person_reaction : message.reaction);
function react(message, emoji) {
  return post("react", { message_id: message.id, emoji: mine(messages.get(message.id) ?? message) === emoji ? null : emoji });
}

function setTyping(on) {
  clearTimeout(typingTimer);
  if (on) typingTimer = setTimeout(() => setTyping(false), 5500);
  $("bot-status").classList.toggle("typing", on && connected);
  $("bot-status").classList.toggle("waiting", !connected);
  $("bot-status").textContent = !connected ? w("status_connecting") : on ? w("status_typing") : w("status_bot");
}

/* ---- People ---- */

const here = () => world.people.find((other) => other.id === person);
const unreadOf = (them) => (them.id === person ? 0 : (them.unread ?? 0) + (unreadHere.get(them.id) ?? 0));
// The clock of the chat is the one chosen for this person, else that of their place.
function setZone() {
  const its = [recall("zone." + person), here()?.zone].find((one) => ZONES[one]) ?? "WIB";
  if (its === zone) return;
  zone = its;
  redraw();
}
const hue = (id) => `h${Math.abs(Number(id) || 0) % 6}`;

function showPeople() {
  const me = here();
  $("person-name").textContent = me?.first_name.replace(/\s*\([^()]*\)$/, "") || me?.first_name || "…";
  $("person-switch").setAttribute("aria-label", w("switch_label", { name: $("person-name").textContent }));
  const others = world.people.reduce((sum, them) => sum + unreadOf(them), 0);
  $("others-unread").hidden = !others;
  $("others-unread").textContent = String(others);
  const focused = document.activeElement?.dataset?.person;
  $("people").replaceChildren(...world.people.map((them) => {
    const unread = unreadOf(them);
    return el("li", {}, el("button", { type: "button", class: "who", "data-testid": "person-" + them.id, "data-person": them.id, "data-role": them.role,
      "aria-current": them.id === person ? "true" : null, onclick: () => { switchTo(them.id); closeSheet(); } },
    el("span", { class: "avatar " + hue(them.id), "aria-hidden": "true" }, initials(them.first_name)),
    el("span", { class: "person-words" }, el("span", { class: "person-name" }, them.first_name),
      el("small", {}, [w(them.role), them.blocked ? w("has_blocked") : ""].filter(Boolean).join(" · "))),
    unread ? el("span", { class: "badge", "aria-label": w("unread", { n: unread }) }, String(unread)) : null));
  }));
  if (focused) $("people").querySelector(`[data-person="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function switchTo(id) {
  $("toasts").replaceChildren(); // what was said to one person is not shown to the next
  if (id === person) return undefined;
  stopEditing();
  drafts.set(person, composer.value);
  person = id;
  personKnown();
  remember(PERSON, String(id), "sessionStorage");
  setZone();
  clearChat();
  hideNotice();
  closeCommands();
  closeAttach();
  keyboard = null;
  drawKeyboard();
  setComposer(drafts.get(id) ?? "");
  showPeople();
  showFoot();
  return loadChat();
}

$("add-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter ?? $("add-form").querySelector("button"), async () => {
    const names = w("new_person");
    const name = $("add-name").value.trim() || names[world.people.length % names.length];
    const added = await attempt(() => api("people", { first_name: /contoh/i.test(name) ? name : `${name} (contoh)` }));
    if (!added) return;
    $("add-name").value = "";
    await loadWorld();
    if (added.id !== undefined) switchTo(added.id);
    closeSheet();
  });
});

$("link-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("deep-link").value.trim();
  if (!text) return $("deep-link").focus();
  const link = /[/:]/.test(text) && !/^\/start/.test(text) ? botLink(text) : null;
  if (link && link.bot && link.bot.toLowerCase() !== world.bot.username.toLowerCase()) return notice(w("other_bot"));
  const payload = link ? link.payload : text.replace(/^\/start(@\w+)?\s*/, "").replace(/^\??start=/, "");
  openPayload(payload);
});
async function openPayload(payload) {
  closeSheet();
  if (payload && !/^[\w-]{1,64}$/.test(payload)) return notice(w("bad_link"));
  atBottom = true;
  if (await post("start", { payload }) !== undefined) $("deep-link").value = "";
}

/* ---- Time ---- */

const now = () => new Date(Date.now() + clockAhead);
let shownMinute = "";
let arrival = null; // where the last journey ended, and whom the bot wrote to on the way: {when, told}

function setTime(time) {
  world.time = { ...world.time, ...time };
  clockAhead = Date.parse(world.time.now) - Date.now();
  showTime(true);
}
function showTime(force = false) {
  const at = now();
  const minute = dayKey(at, "WIB") + hourText(at, "WIB");
  if (!force && minute === shownMinute) return;
  const newDay = shownMinute.slice(0, 10) !== minute.slice(0, 10);
  shownMinute = minute;
  const clocks = [];
  for (const button of document.querySelectorAll(".clock")) {
    const its = button.dataset.zone;
    clocks.push(`${hourText(at, its)} ${its}`);
    button.replaceChildren(el("strong", {}, hourText(at, its)), " ", el("span", {}, its), " ", el("small", {}, dayText(at, its)));
    button.setAttribute("aria-pressed", String(its === zone));
    button.setAttribute("aria-label", w("zone_label", { time: hourText(at, its), zone: its }));
  }
  $("row-day").textContent = (world.time.moved ? dayText : longDayText)(at, zone);
  $("row-clocks").replaceChildren(...Object.keys(ZONES).map((its) => el("span", { class: its === zone ? "own" : "" }, el("b", {}, hourText(at, its)), " " + its)));
  const day = [$("row-day").textContent, world.time.moved ? w("moved") : ""].filter(Boolean).join(" ");
  $("time-open").setAttribute("aria-label", w("time_row", { day, clocks: clocks.join(" ") }));
  $("moved").hidden = $("row-moved").hidden = !world.time.moved;
  const due = world.time.next_due ? new Date(world.time.next_due) : null;
  const next = due ? w("next_due", { when: momentText(due, zone), relative: relativeText(due - at) }) : w("no_due");
  $("next-due").textContent = [arrivalText(), next].filter(Boolean).join(" ");
  if (newDay && messages.size) arrange();
}
// In the language and zone of now: either may change while it is shown.
function arrivalText() {
  if (!arrival) return "";
  const { when, told } = arrival;
  const names = told.length > 3 ? w("and_more", { names: told.slice(0, 3).join(", "), n: told.length - 3 }) : told.join(", ");
  return [w("arrived", { when: momentText(when, zone) }), w(told.length ? "told" : "told_nobody", { names })].join(" ");
}
setInterval(showTime, 1000);

for (const button of document.querySelectorAll(".clock")) {
  button.addEventListener("click", () => {
    zone = button.dataset.zone;
    remember("zone." + person, zone);
    redraw();
  });
}
for (const button of document.querySelectorAll("[data-travel]")) button.addEventListener("click", () => { if (!travelling) travel(JSON.parse(button.dataset.travel)); });
let travelling = null;
// One journey after the other. Tells whether this one was made.
async function travel(step) {
  while (travelling) await travelling;
  travelling = make(step);
  try { return await travelling; } finally { travelling = null; }
}
async function make(step) {
  $("panel-time").setAttribute("aria-busy", "true");
  $("travel-progress").hidden = false;
  $("time-slot").classList.add("travelling");
  const all = document.querySelectorAll("[data-travel]");
  all.forEach((other) => other.setAttribute("aria-disabled", "true"));
  $("next-due").textContent = w("travelling");
  const answer = await attempt(() => api("travel", step));
  $("panel-time").removeAttribute("aria-busy");
  $("travel-progress").hidden = true;
  $("time-slot").classList.remove("travelling");
  all.forEach((other) => other.removeAttribute("aria-disabled"));
  if (answer) {
    const when = answer.arrived_at ?? answer.now;
    arrival = when ? { when: new Date(when), told: answer.told ?? [] } : null;
    setTime({ now: answer.now ?? world.time.now, next_due: answer.next_due ?? null, moved: answer.moved ?? true });
    if (!connected) loadChat();
    settle();
  } else showTime(true);
  return Boolean(answer);
}

/* ---- Sheets: side panels on a desktop, sheets from below on a phone ---- */

let sheet = null;
let opener = null;
function openSheet(panel, from) {
  if (wide.matches) {
    // On a desktop the panel is there already: show where.
    panel.classList.remove("here");
    void panel.offsetWidth;
    panel.classList.add("here");
    (panel.querySelector("[aria-current]") ?? panel.querySelector("input, .who, button")).focus();
    return;
  }
  closeSheet();
  sheet = panel;
  opener = from;
  panel.classList.add("open");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-modal", "true");
  $("backdrop").hidden = false;
  $("phone").inert = true;
  (panel.querySelector("[aria-current]") ?? panel.querySelector(".sheet-close")).focus({ preventScroll: true });
}
function closeSheet() {
  if (!sheet) return;
  sheet.classList.remove("open");
  sheet.removeAttribute("role");
  sheet.removeAttribute("aria-modal");
  sheet = null;
  $("backdrop").hidden = true;
  $("phone").inert = false;
  opener?.focus({ preventScroll: true });
}
$("person-switch").addEventListener("click", () => openSheet($("panel-people"), $("person-switch")));
$("tools-open").addEventListener("click", () => openSheet($("panel-tools"), $("tools-open")));
$("backdrop").addEventListener("click", closeSheet);
document.querySelectorAll(".sheet-close").forEach((button) => button.addEventListener("click", closeSheet));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeSheet();
  closeReactions();
  closeCommands();
  closeAttach();
  stopEditing();
  hideNotice();
  if ($("time-slot").classList.contains("open")) {
    unfoldTime(false);
    $("time-open").focus({ preventScroll: true });
  }
});
$("skip").addEventListener("click", (event) => {
  event.preventDefault();
  [composer, $("start"), $("unblock")].find((one) => one.checkVisibility())?.focus();
});

// The time panel unfolds under its row on a phone, so that the chat stays in sight while time moves.
function unfoldTime(open) {
  $("time-slot").classList.toggle("open", open);
  $("time-open").setAttribute("aria-expanded", String(open));
}
$("time-open").addEventListener("click", () => unfoldTime(!$("time-slot").classList.contains("open")));
function place() {
  closeSheet();
  if (wide.matches) $("side").prepend($("panel-time"), $("guide"));
  else {
    $("time-slot").append($("panel-time"));
    $("guide-slot").append($("guide"));
  }
}
wide.addEventListener("change", place);

/* ---- Things to try, and beginning anew ---- */

const secondPhone = setUpSecondPhone(() => ({ type: "line", up: connected }));
const roleOf = (id) => world.people.find((them) => them.id === id)?.role;
const guide = setUpGuide({
  notice, travel,
  // those who serve others have the second phone, where there is one
  phone: (id) => (id !== undefined && roleOf(id) !== "participant" && secondPhone.phone()) || { switchTo, openPayload, say },
  arrived: async () => { while (travelling) await travelling; },
  now: () => now(),
  bot: () => world.bot,
  zone: (id) => world.people.find((them) => them.id === id)?.zone ?? "WIB",
  wide: () => wide.matches,
  tries: async () => (await api("world")).tries ?? [],
});
$("begin-anew").addEventListener("click", () => { closeSheet(); $("anew").returnValue = ""; $("anew").showModal(); });
$("anew").addEventListener("close", async () => {
  if ($("anew").returnValue !== "yes") return;
  notice(w("beginning_anew"), true);
  await attempt(() => api("begin-anew", {}));
});
// Somebody began anew, here or in another page.
async function begunAnew() {
  drafts.clear();
  guide.forget();
  for (const them of world.people) forgetKept("zone." + them.id);
  forgetKept(PERSON, "sessionStorage");
  stopEditing();
  clearChat();
  setComposer("");
  person = null;
  world.people = [];
  arrival = null;
  await loadWorld(true);
  notice(w("begun_anew"));
}

/* ---- Language and the whole ---- */

function redraw() {
  document.documentElement.lang = currentLanguage();
  document.title = world.bot.first_name ? `${w("title")}: ${world.bot.first_name}` : w("title");
  for (const node of document.querySelectorAll("[data-w]")) node.textContent = w(node.dataset.w);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", w(node.dataset.label));
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = w(node.dataset.placeholder);
  $("language").textContent = w("other_language");
  $("language").setAttribute("aria-label", w("other_language_label"));
  $("bot-name").textContent = world.bot.first_name || world.bot.username || "…";
  $("bot-avatar").textContent = $("empty-avatar").textContent = initials(world.bot.first_name || "?");
  setTyping(false);
  showPeople();
  guide.draw();
  secondPhone.redraw();
  showTime(true);
  for (const message of messages.values()) renderMessage(message);
  arrange();
  if (atBottom) toBottom();
}
$("language").addEventListener("click", () => { setLanguage(currentLanguage() === "id" ? "en" : "id"); redraw(); });
$("notice-close").addEventListener("click", hideNotice);

async function loadWorld(quietly = false) {
  let found;
  if (quietly) { try { found = await api("world"); } catch { return; } } else found = await attempt(() => api("world"));
  if (!found) return;
  const firstTime = world.bot.username === "";
  const sameBot = JSON.stringify(world.bot) === JSON.stringify(found.bot);
  world.bot = found.bot;
  world.people = found.people;
  guide.show(found.tries ?? []);
  unreadHere.clear();
  setTime(found.time);
  if (firstTime || !sameBot) redraw();
  else { showPeople(); showFoot(); }
  if (here()) setZone();
  if (!here()) {
    const remembered = found.people.find((them) => String(them.id) === recall(PERSON, "sessionStorage"));
    const other = beside ? found.people.find((them) => them.role === "mentor") ?? found.people[1] : null;
    const first = remembered ?? other ?? found.people[0];
    if (first) { person = null; await switchTo(first.id); }
  }
}

/* ---- Live ---- */

function hear(event) {
  if (event.type === "time") {
    const { now: at, next_due, moved } = event.time ?? event;
    setTime({ now: at, next_due: next_due ?? null, moved });
    return;
  }
  if (event.type === "begun_anew") { begunAnew(); return; }
  if (event.type === "line") { setLine(event.up); return; }
  if (event.type === "people") {
    if (Array.isArray(event.people)) { world.people = event.people; unreadHere.clear(); showPeople(); showFoot(); } else loadWorld(true);
    return;
  }
  if (event.type === "toast") { toast(event); return; }
  if (event.person !== person) {
    if (event.type === "message" && event.message?.from === "bot") {
      unreadHere.set(event.person, (unreadHere.get(event.person) ?? 0) + 1);
      showPeople();
      settle();
    }
    return;
  }
  switch (event.type) {
    case "message": receive(event.message, true); settle(); break;
    case "edited": case "poll": case "reaction":
      if (event.message) receive(event.message, false);
      else if (event.type === "reaction" && messages.has(event.message_id)) receive({ ...messages.get(event.message_id), reaction: event.reaction ?? event.emoji ?? null }, false);
      else loadChat();
      settle();
      break;
    case "deleted": forget(event.message_id); break;
    case "keyboard": setKeyboard(event.keyboard ?? null, true); break;
    case "commands": setCommands(event.commands ?? []); break;
    case "typing": setTyping(true); break;
    default: break; // a newer server may say more; this page goes on
  }
}

async function setLine(up) {
  connected = up;
  setTyping(false);
  if (!up) return;
  await loadWorld(true);
  loadChat(); // whatever was said while nobody listened
}

let source = null;
let backoff = 1000;
function listen() {
  source?.close();
  source = new EventSource("/sandbox/events");
  source.onopen = () => {
    backoff = 1000;
    secondPhone.tell({ type: "line", up: true });
    setLine(true);
  };
  source.onmessage = (message) => {
    let event;
    try { event = JSON.parse(message.data); } catch { return; }
    hear(event);
    secondPhone.tell(event);
  };
  source.onerror = () => {
    secondPhone.tell({ type: "line", up: false });
    setLine(false);
    // The browser tries again by itself only after a dropped connection, not after a refusal.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(listen, backoff);
      backoff = Math.min(backoff * 2, 15000);
    }
  };
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  if (!beside && source?.readyState === EventSource.CLOSED) listen();
  loadWorld(true);
  loadChat();
});

addEventListener("storage", (event) => {
  if (event.key !== "sandbox.language" || !event.newValue || event.newValue === currentLanguage()) return;
  setLanguage(event.newValue); // changed in the other phone, or in another page
  redraw();
});

place();
redraw();
showFoot();
if (beside) beSecondPhone({ switchTo, openPayload, say }, hear);
else listen();
loadWorld(true);
