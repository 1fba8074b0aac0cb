// One message of the chat as DOM nodes. What the bot sends is only ever put into text nodes and checked addresses,
// never parsed as HTML: a bot under trial must not be able to run anything in the page.

import { hourText, sizeText, w } from "./words.js";

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}
export const icon = (name, more = "") =>
  svg("svg", { class: "icon " + more, "aria-hidden": "true" }, svg("use", { href: "#i-" + name }));

// Only addresses that cannot run code in this page; files also from this very server.
function safeAddress(address, schemes) {
  try {
    const url = new URL(address, location.href);
    return schemes.includes(url.protocol) ? url.href : null;
  } catch { return null; }
}
export const webAddress = (address) =>
  safeAddress(/^[a-z][a-z0-9+.-]*:/i.test(address) ? address : "https://" + address, ["http:", "https:"]);
const fileAddress = (address) => safeAddress(address, ["http:", "https:"]);

// A link to a bot: t.me/name?start=code or tg://resolve?domain=name&start=code. Null for any other address.
export function botLink(text) {
  const trimmed = String(text).trim();
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : "https://" + trimmed);
    if (url.protocol === "tg:" && url.href.startsWith("tg://resolve")) {
      return { bot: url.searchParams.get("domain") ?? "", payload: url.searchParams.get("start") ?? "" };
    }
    if (/^(www\.)?(t|telegram)\.(me|dog)$/i.test(url.hostname)) {
      const name = url.pathname.split("/").filter(Boolean)[0] ?? "";
      return { bot: name.replace(/^@/, ""), payload: url.searchParams.get("start") ?? "" };
    }
  } catch { /* not an address */ }
  return null;
}

/* ---- Text with entities (offsets count UTF-16 units, as JavaScript's own strings do) ---- */

function link(address, context, extra = {}) {
  const target = botLink(address);
  if (target && target.bot.toLowerCase() === context.bot.username.toLowerCase()) {
    return el("a", { href: "#", ...extra, onclick: (event) => { event.preventDefault(); context.openLink(target.payload); } });
  }
  const href = webAddress(address);
  return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer", ...extra }) : el("span", extra);
}

function entityNode(entity, covered, context) {
  switch (entity.type) {
    case "bold": return el("strong");
    case "italic": return el("em");
    case "underline": return el("u");
    case "strikethrough": return el("s");
    case "code": return el("code");
    case "pre": return el("pre");
    case "blockquote": return el("blockquote");
    case "expandable_blockquote": return el("blockquote", { class: "expandable" });
    case "text_link": return link(entity.url ?? "", context, { title: entity.url });
    case "url": return link(covered, context);
    case "email": return el("a", { href: "mailto:" + covered });
    case "phone_number": return el("a", { href: "tel:" + covered.replace(/[^\d+]/g, "") });
    case "bot_command":
      return el("button", { type: "button", class: "link", onclick: () => context.say(covered) });
    case "spoiler": {
      const open = (event) => { event.currentTarget.classList.add("open"); event.currentTarget.removeAttribute("aria-label"); };
      return el("button", { type: "button", class: "spoiler", "aria-label": w("spoiler"), onclick: open });
    }
    case "mention": case "hashtag": case "cashtag": case "text_mention": return el("span", { class: "tag" });
    default: return el("span");
  }
}

const isBlock = (node) => node.nodeType === 1 && ["PRE", "BLOCKQUOTE"].includes(node.tagName);

export function richText(text, entities, context) {
  const root = document.createDocumentFragment();
  const sorted = [...(entities ?? [])]
    .map((entity) => ({ ...entity, end: Math.min(entity.offset + entity.length, text.length) }))
    .filter((entity) => entity.offset >= 0 && entity.end > entity.offset)
    .sort((a, b) => a.offset - b.offset || b.end - a.end);
  fill(root, 0, text.length, sorted);
  return root;

  // Writes text[from, to) into parent. An entity that crosses its parent's end is cut there and goes on after it.
  function fill(parent, from, to, list) {
    let at = from;
    const queue = [...list];
    while (queue.length) {
      const entity = queue.shift();
      const start = Math.max(entity.offset, at);
      if (start >= entity.end || start >= to) continue;
      plain(parent, at, start);
      const end = Math.min(entity.end, to);
      const inside = [];
      const after = [];
      for (const other of queue) {
        if (other.offset < end) inside.push({ ...other, end: Math.min(other.end, end) });
        if (other.end > end) after.push({ ...other, offset: Math.max(other.offset, end) });
      }
      const node = entityNode(entity, text.slice(start, end), context);
      fill(node, start, end, inside);
      parent.append(node);
      if (node.classList.contains("expandable") && (end - start > 180 || node.textContent.split("\n").length > 3)) {
        node.classList.add("folded");
        parent.append(el("button", { type: "button", class: "link more", onclick: (event) => {
          node.classList.remove("folded"); event.currentTarget.remove(); } }, w("more_text")));
      }
      queue.splice(0, queue.length, ...after.sort((a, b) => a.offset - b.offset || b.end - a.end));
      at = end;
    }
    plain(parent, at, to);
  }
  function plain(parent, from, to) {
    let piece = text.slice(from, to);
    // A block ends its own line: the line break that follows it in the text must not make an empty one.
    if (parent.lastChild && isBlock(parent.lastChild) && piece.startsWith("\n")) piece = piece.slice(1);
    if (piece) parent.append(piece);
  }
}

/* ---- Kinds of content ---- */

function photo(message, context) {
  const { file, width, height } = message.photo;
  const source = fileAddress(file);
  if (!source) return null;
  const image = el("img", { src: source, alt: message.caption || w("photo"), width: width || null, height: height || null, loading: "lazy" });
  if (width && height) image.style.aspectRatio = `${width} / ${height}`;
  return el("button", { type: "button", class: "photo", "data-testid": "photo", "aria-label": message.caption || w("photo"),
    onclick: () => context.showPicture(source, message.caption ?? "") }, image);
}

function documentCard({ file, name, mime, size }) {
  const calendar = /calendar/i.test(mime ?? "") || /\.ics$/i.test(name ?? "");
  const shown = name || w("attach_document");
  return el("a", { class: "file", href: fileAddress(file), download: shown, "data-testid": "document", "aria-label": w("download", { name: shown }) },
    el("span", { class: "file-icon" }, icon(calendar ? "calendar" : "file")),
    el("span", { class: "file-words" }, el("span", { class: "file-name" }, shown), el("small", {}, sizeText(size))));
}

function voice({ file, duration }) {
  const source = fileAddress(file);
  const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const audio = el("audio", { src: source, preload: "none" });
  const bar = el("span", { class: "voice-done" });
  const time = el("small", {}, minutes(duration ?? 0));
  const button = el("button", { type: "button", class: "round", "aria-label": w("play"), onclick: () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()) }, icon("play"));
  const show = (name, label) => { button.replaceChildren(icon(name)); button.setAttribute("aria-label", label); };
  audio.addEventListener("play", () => show("pause", w("pause")));
  audio.addEventListener("pause", () => show("play", w("play")));
  audio.addEventListener("timeupdate", () => {
    const total = Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : duration || 1;
    bar.style.width = `${Math.min(100, (audio.currentTime / total) * 100)}%`;
    time.textContent = minutes(audio.currentTime);
  });
  return el("div", { class: "voice", "data-testid": "voice" }, button, el("span", { class: "voice-words" }, el("span", { class: "voice-bar" }, bar), time), audio);
}

// Coasts of the archipelago, far simplified, as longitude latitude pairs: enough to see which island a pin is on.
const ISLANDS = [
  "95.3 5.6 97.5 5.2 98.3 4.2 100.3 2.6 101.4 2 103.1 .5 103.8 -1 105 -2.2 106.1 -3.1 105.8 -5.8 104.6 -5.9 102.3 -4 100.4 -1 98.7 1.7 97 3.2 95.3 5",
  "105.2 -6.8 106.1 -5.9 107.2 -6 108.6 -6.7 110.4 -6.9 110.9 -6.4 111.6 -6.7 112.7 -6.9 112.9 -7.6 114.4 -7.8 114.4 -8.7 112 -8.3 109 -7.7 106.4 -7.4",
  "112.7 -7.1 114.1 -6.9 113.9 -7.2 112.8 -7.2",
  "109 1.5 109.6 2 111.4 2.6 113 3.2 115 5 116.7 7 119.2 5.2 117.6 4.1 118 2.2 119 1 117.5 .2 116.5 -1.6 116.3 -3.2 115.9 -4 114.6 -4.1 113.5 -3.2 111.8 -3.4 110.2 -2.9 109.9 -1.4 109 .3",
  "125.2 1.6 123.3 .9 121 1.2 120.1 .7 119.7 -.2 119.8 -.9 119.2 -2 118.9 -2.9 119.5 -3.5 119.5 -5.5 120.4 -5.6 120.4 -4 120.4 -2.8 121 -2.7 121.1 -3.8 121.6 -4.8 122.7 -4.6 122.2 -3 121.6 -1.9 123.3 -.9 121.6 -.9 120.9 -1.3 120.2 -.8 120.3 .4 121.5 .5 123.2 .4 124.5 .4",
  "114.5 -8.1 115.2 -8.1 115.7 -8.4 115.1 -8.8", "115.9 -8.4 116.7 -8.4 116.5 -8.9 115.9 -8.8",
  "116.8 -8.5 117.6 -8.4 118 -8.7 118.3 -8.3 119.1 -8.5 119 -8.8 117 -9.05", "119.8 -8.4 121.5 -8.5 122.9 -8.2 122.8 -8.6 121.5 -8.9 120 -8.85",
  "119 -9.5 120 -9.35 120.8 -10 120.2 -10.25 119.2 -9.75", "123.5 -10.3 124.5 -9.2 127 -8.4 126.5 -9 125 -9.7 124 -10.3",
  "127.6 .5 127.6 1.6 128 2.1 127.9 1.2 128.7 1.5 128.2 .6 128.6 .3 128 .2 128.3 -.8 127.8 -.3", "128 -3.2 129.5 -2.8 130.8 -3.4 130 -3.5 128.2 -3.5",
  "126.1 -3.2 127.1 -3.2 127 -3.7 126.2 -3.7", "105.1 -2 106 -1.5 106.7 -2.9 105.8 -2.5", "107.6 -2.7 108.2 -2.7 108.1 -3.2 107.6 -3.1",
  "130.9 -.8 132.5 -.4 134 -.8 134.2 -1.9 134.9 -3.2 136 -2.5 137.8 -1.5 139.8 -2.3 141 -2.6 141 -9.1 139.8 -8.1 138.2 -8.2 138.9 -7.1 138.5 -6.8 138 -5.5 136 -4.6 134 -3.9 132.8 -4 132.8 -2.8 131.9 -2.7 133.8 -2.3 132.2 -2.1 131 -1.4",
];
// The drawing's frame in degrees; the north has room for the head of a pin on Sumatra's tip.
const WEST = 94, NORTH = 11, WIDTH = 50, HEIGHT = 22.5;

function mapCard(latitude, longitude, title, address) {
  const where = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const inside = longitude >= WEST && longitude <= WEST + WIDTH && latitude <= NORTH && latitude >= NORTH - HEIGHT;
  const x = inside ? longitude - WEST : WIDTH / 2;
  const y = inside ? NORTH - latitude : HEIGHT / 2;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "map", role: "img", "aria-label": w("map_label", { where: title || where }) },
    svg("rect", { width: WIDTH, height: HEIGHT, class: "sea" }));
  for (let at = 8; at < WIDTH; at += 8) drawing.append(svg("path", { class: "grid", d: `M${at} 0V${HEIGHT}` }));
  for (let at = 5; at < HEIGHT; at += 7) drawing.append(svg("path", { class: "grid", d: `M0 ${at}H${WIDTH}` }));
  if (inside) {
    for (const island of ISLANDS) {
      const numbers = island.split(" ").map(Number);
      const points = [];
      for (let at = 0; at < numbers.length; at += 2) points.push(`${(numbers[at] - WEST).toFixed(2)},${(NORTH - numbers[at + 1]).toFixed(2)}`);
      drawing.append(svg("polygon", { class: "land", points: points.join(" ") }));
    }
  }
  drawing.append(svg("g", { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(.8)` },
    svg("ellipse", { rx: 0.9, ry: 0.35, class: "pin-shadow" }),
    svg("path", { class: "pin", d: "M0 0c-.3-1.5-2.3-2.3-2.3-4.2a2.3 2.3 0 0 1 4.6 0c0 1.9-2 2.7-2.3 4.2z" }),
    svg("circle", { class: "pin-eye", cy: -4.2, r: 0.85 })));
  const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return el("div", { class: "place", "data-testid": "location" }, drawing,
    el("div", { class: "place-words" },
      el("strong", {}, title || w("location")), address ? el("span", {}, address) : null,
      el("small", {}, where),
      el("a", { href, target: "_blank", rel: "noopener noreferrer" }, w("open_map"))));
}

function contactCard({ phone_number, first_name }) {
  return el("div", { class: "contact", "data-testid": "contact" },
    el("span", { class: "avatar", "aria-hidden": "true" }, initials(first_name || "?")),
    el("span", { class: "file-words" }, el("strong", {}, first_name ?? ""), el("span", {}, phone_number ?? "")));
}
export function initials(name) {
  const letters = name.replace(/\(.*\)/, "").trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

function poll(message, context) {
  const it = message.poll;
  const quiz = it.type === "quiz";
  const voted = it.chosen !== null && it.chosen !== undefined;
  const shown = voted || it.closed;
  const total = it.options.reduce((sum, option) => sum + (option.votes ?? 0), 0);
  const list = el("div", { class: "options", role: "group", "aria-label": it.question });
  it.options.forEach((option, index) => {
    const share = total ? Math.round(((option.votes ?? 0) / total) * 100) : 0;
    const correct = shown && quiz && it.correct === index;
    const missed = voted && quiz && it.chosen === index && it.correct !== null && it.correct !== undefined && it.correct !== index;
    const chosen = voted && it.chosen === index;
    if (!shown) {
      list.append(el("button", { type: "button", class: "option", "data-testid": "poll-option", "data-option": index,
        onclick: (event) => { list.classList.add("busy"); event.currentTarget.classList.add("picked");
          context.vote(message.id, index).finally(() => { list.classList.remove("busy"); }); } },
        el("span", { class: "ring", "aria-hidden": "true" }), el("span", {}, option.text)));
      return;
    }
    const marks = [chosen ? w("your_choice") : "", correct ? w("right") : "", missed ? w("wrong") : ""].filter(Boolean).join(", ");
    const bar = el("span", { class: "bar" });
    bar.style.width = `${Math.max(share, 1.5)}%`;
    list.append(el("div", { class: "option shown" + (correct ? " correct" : "") + (missed ? " missed" : "") + (chosen ? " chosen" : ""),
      "data-testid": "poll-option", "data-option": index, "data-correct": correct ? "true" : null, "data-chosen": chosen ? "true" : null },
      el("span", { class: "share" }, `${share}%`),
      el("span", { class: "option-words" }, option.text, marks ? el("span", { class: "verdict" }, ` (${marks})`) : null),
      el("span", { class: "mark", "aria-hidden": "true" }, correct || (chosen && !missed) ? "✓" : missed ? "✕" : ""),
      el("span", { class: "track" }, bar)));
  });
  const kind = [w(quiz ? "quiz" : "poll"), it.closed ? w("poll_closed") : ""].filter(Boolean).join(", ");
  return el("div", { class: "poll", "data-testid": "poll", "data-poll": it.id, "data-voted": String(voted) },
    el("strong", { class: "question" }, it.question), el("small", {}, kind), list,
    shown && it.explanation
      ? el("div", { class: "explanation", "data-testid": "poll-explanation" }, icon("bulb", "small"),
        el("span", {}, el("span", { class: "unseen" }, w("explanation") + ": "), richText(it.explanation, it.explanation_entities, context)))
      : null,
    // Before the vote nobody is told how others voted.
    el("small", { class: "votes" }, shown ? (total ? w("votes", { n: total }) : w("no_votes")) : "\u00a0"));
}

function inlineButtons(message, context) {
  if (!message.buttons?.length) return null;
  const rows = message.buttons.map((row) => el("div", { class: "inline-row" }, ...row.map((button) => {
    if (button.url !== undefined && button.url !== null) {
      const node = link(button.url, context, { class: "inline-button", "data-testid": "inline-button" });
      node.append(el("span", { class: "inline-words" }, button.text), icon("out", "corner"));
      return node;
    }
    const key = context.key(message.id, button.data);
    return el("button", { type: "button", class: "inline-button" + (context.isPending(key) ? " pending" : ""), "data-testid": "inline-button",
      "data-key": key, "data-action": button.data, "aria-busy": context.isPending(key) ? "true" : null,
      onclick: () => (button.data === undefined ? context.unknown() : context.tap(message.id, button.data)) },
      el("span", { class: "inline-words" }, button.text), el("span", { class: "spinner", "aria-hidden": "true" }));
  })));
  return el("div", { class: "inline" }, ...rows);
}

export const isMedia = (message) => Boolean(message.photo || message.video || message.location || message.venue);

// The whole row. context: bot, key, isPending, tap, vote, react, say, openLink, showPicture, unknown, zone.
export function messageRow(message, context) {
  const date = new Date(message.date);
  const words = message.text || message.caption || "";
  const body = [];
  if (message.forwarded) body.push(el("small", { class: "forwarded", "data-testid": "forwarded" }, w("forwarded", { name: message.forwarded_from ?? "" })));
  if (message.reply_to) {
    const earlier = context.find(message.reply_to);
    body.push(el("div", { class: "reply" }, el("small", {}, w(earlier?.from === "person" ? "from_person" : "from_bot")),
      el("span", {}, earlier ? contentWords(earlier) : w("earlier"))));
  }
  if (message.photo) body.push(photo(message, context));
  if (message.sticker) body.push(el("img", { class: "sticker", "data-testid": "sticker", src: fileAddress(message.sticker.file), alt: w("sticker"), width: 160, height: 160 }));
  if (message.video) body.push(el("video", { class: "video", src: fileAddress(message.video.file), controls: true, preload: "none", width: message.video.width || null, height: message.video.height || null }));
  if (message.audio) body.push(voice(message.audio));
  if (message.document) body.push(documentCard(message.document));
  if (message.voice) body.push(voice(message.voice));
  if (message.venue) body.push(mapCard(message.venue.latitude, message.venue.longitude, message.venue.title, message.venue.address));
  else if (message.location) body.push(mapCard(message.location.latitude, message.location.longitude));
  if (message.contact) body.push(contactCard(message.contact));
  if (message.poll) body.push(poll(message, context));
  const emoji = [...new Set([message.bot_reaction, message.person_reaction, message.reaction].filter(Boolean))];
  const reaction = emoji.length
    ? el("span", { class: "reactions-line" }, ...emoji.map((one) => el("span", { class: "reaction", "data-testid": "reaction", role: "img", "aria-label": `${w("reaction")}: ${one}` }, one))) : null;
  const meta = el("span", { class: "meta" },
    message.edited ? el("span", { class: "edited", "data-testid": "edited" }, w("edited")) : null,
    el("time", { datetime: message.date }, hourText(date, context.zone)),
    message.from === "person" ? icon("ticks", "ticks") : null);
  const spacer = el("span", { class: "meta-space" + (message.edited ? " wide" : "") + (message.from === "person" ? " mine" : ""), "aria-hidden": "true" });
  if (words) {
    const text = message.text ? richText(message.text, message.entities, context) : richText(message.caption, message.caption_entities, context);
    body.push(el("div", { class: "text", dir: "auto" }, text, spacer));
  }
  const author = el("span", { class: "unseen" }, w(message.from === "bot" ? "from_bot" : "from_person") + ": ");
  const bubble = el("div", { class: "bubble" + (words ? "" : " wordless") + (message.document || message.voice || message.audio || message.poll ? " compact" : "") + (isMedia(message) ? " media" : "") + (message.photo && !words ? " bare" : "") + (message.sticker ? " bare-sticker" : "") },
    author, ...body, reaction, meta);
  const react = message.from === "bot"
    ? el("button", { type: "button", class: "react", "data-testid": "react", "aria-label": w("react"), onclick: (event) => context.openReactions(event.currentTarget, message) }, icon("smile", "small"))
    : el("button", { type: "button", class: "react", "data-testid": "message-menu", "aria-label": w("message_menu"), onclick: (event) => context.openMenu(event.currentTarget, message) }, icon("more", "small"));
  const row = el("li", { class: `row-message ${message.from}${message.buttons?.length ? " with-buttons" : ""}`,
    "data-testid": "message", "data-message-id": message.id, "data-from": message.from },
    el("div", { class: "stack" }, el("div", { class: "bubble-line" }, bubble, react), inlineButtons(message, context)));
  // On a touch screen a tap on one's own message opens its menu, as in Telegram.
  if (message.from === "person") {
    bubble.addEventListener("click", (event) => {
      if (!matchMedia("(hover: none)").matches || event.target.closest("a, button, audio, video")) return;
      event.stopPropagation();
      context.openMenu(bubble, message);
    });
  }
  // A long press on a touch screen opens the same menu, as in Telegram; a mouse keeps its own.
  bubble.addEventListener("contextmenu", (event) => {
    if (event.pointerType !== "touch" || event.target.closest("a, button")) return;
    event.preventDefault();
    (message.from === "bot" ? context.openReactions : context.openMenu)(bubble, message);
  });
  return row;
}

function contentWords(message) {
  const parts = [];
  if (message.photo) parts.push(w("photo"));
  if (message.document) parts.push(message.document.name ?? w("attach_document"));
  if (message.video) parts.push(w("video"));
  if (message.voice || message.audio) parts.push(w("voice"));
  if (message.sticker) parts.push(w("sticker"));
  if (message.venue) parts.push(message.venue.title);
  else if (message.location) parts.push(w("location"));
  if (message.contact) parts.push(message.contact.first_name);
  if (message.poll) parts.push(message.poll.question);
  parts.push(message.text || message.caption || "");
  return parts.filter(Boolean).join(" ");
}

// What a screen reader is told of a new message.
export const spokenText = (message) => `${w(message.from === "bot" ? "from_bot" : "from_person")}: ${contentWords(message)}`;
