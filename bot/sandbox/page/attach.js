// What can be sent besides text: files of one's own, small samples, a place, a phone number.

import { el, icon } from "./bubbles.js";
import { PLACES, w } from "./words.js";

const $ = (id) => document.getElementById(id);

// "-8.50, 119.89", "-8,50; 119,89" (Indonesian decimals) or two numbers with a space between.
function coordinates(text) {
  const parts = /;/.test(text) || (/,\d/.test(text) && !/\./.test(text) && /\d\s+[-\d]/.test(text))
    ? text.split(/;|\s+/) : text.split(/[,\s]+/);
  const numbers = parts.filter(Boolean).map((part) => Number(part.trim().replace(",", ".")));
  if (numbers.length !== 2 || numbers.some((n) => !Number.isFinite(n))) return null;
  return Math.abs(numbers[0]) <= 90 && Math.abs(numbers[1]) <= 180 ? numbers : null;
}

// page: post, notice, throughKeyboard, closeCommands, follow (the chat scrolls down with what comes next).
export function setUpAttachments(page) {
  const menu = $("attach-menu");
  const closeAttach = () => { menu.hidden = true; $("attach").setAttribute("aria-expanded", "false"); };
  $("attach").addEventListener("click", () => {
    const open = menu.hidden;
    page.closeCommands();
    menu.hidden = !open;
    $("attach").setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button").focus({ preventScroll: true });
  });

  async function send(what, body = {}) {
    page.notice(w("sending"), true);
    page.follow();
    await page.post(what, body);
  }
  function sendFiles(what, files) {
    const body = new FormData();
    for (const file of files) body.append("file", file, file.name);
    return send(what, body);
  }
  const samples = {
    sample: () => send("photo"),
    album: () => send("album"),
    voice: () => send("voice"),
    sticker: () => send("sticker"),
    forward: () => send("forward", { text: w("sample_forward"), sender: w("sample_sender") }),
    photo: () => $("pick-photo").click(),
    document: () => $("pick-document").click(),
    location: askLocation,
    contact: askContact,
  };
  menu.addEventListener("click", (event) => {
    const what = event.target.closest("[data-attach]")?.dataset.attach;
    if (!what) return;
    closeAttach();
    samples[what]();
  });
  for (const [input, what] of [[$("pick-photo"), "photo"], [$("pick-document"), "document"]]) {
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      if (files.length) sendFiles(what === "photo" && files.length > 1 ? "album" : what, files);
    });
  }

  function askLocation() {
    $("coordinates-wrong").textContent = "";
    $("location").showModal();
  }
  async function sendLocation(latitude, longitude) {
    $("location").close();
    page.follow();
    await page.throughKeyboard(() => page.post("location", { latitude, longitude }));
  }
  $("location-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const found = coordinates($("coordinates").value);
    $("coordinates-wrong").textContent = found ? "" : w("coordinates_wrong");
    if (found) sendLocation(...found);
  });
  $("places").append(...PLACES.map(([name, latitude, longitude]) => el("button", { type: "button", class: "place-choice", "data-testid": "location-place", onclick: () => sendLocation(latitude, longitude) },
    icon("pin"), el("span", { class: "person-words" }, el("span", {}, name), el("small", {}, `${latitude.toFixed(2)}, ${longitude.toFixed(2)}`)))));

  function askContact() {
    $("contact").returnValue = "";
    $("contact").showModal();
  }
  $("contact").addEventListener("close", async () => {
    if ($("contact").returnValue !== "yes") return;
    page.follow();
    await page.throughKeyboard(() => page.post("contact", {}));
  });

  // Closes on a tap beside the dialog, as on a phone.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  return { closeAttach, askLocation, askContact };
}
