// A strip of things to try. What each does comes from the server (`tries` of /sandbox/world); the words are the page's.

import { el } from "./bubbles.js";
import { dayText, forgetKept, hourText, recall, remember, w } from "./words.js";

const at = (one) => new Date(one.class.starts_at);
const $ = (id) => document.getElementById(id);

// page: notice, arrived() (no journey is under way), travel(step) -> whether it went, phone(id) -> the phone of that
// person: its switchTo(id), openPayload(payload), say(text); now() -> Date, bot(), zone(id) -> of a person, wide() -> whether the strip stands beside the phone, tries() -> as they are at this moment.
export function setUpGuide(page) {
  let tries = [];
  const underWay = new Set(); // ids; the buttons are drawn anew in the meantime, and stay busy
  const tried = () => (recall("tried") ?? "").split(" ").filter(Boolean);

  function unfold(open) {
    $("guide-toggle").setAttribute("aria-expanded", String(open));
    $("guide-list").hidden = !open;
    remember("guide", open ? "open" : "closed");
  }
  $("guide-toggle").addEventListener("click", () => unfold($("guide-list").hidden));

  function draw() {
    const done = tried();
    const focused = document.activeElement?.dataset?.try;
    $("guide").hidden = !tries.length;
    $("guide-list").replaceChildren(...tries.map((one) => {
      const title = w("try_" + one.id);
      const was = done.includes(one.id);
      return el("li", { "data-testid": "try-" + one.id },
        el("span", { class: "guide-words" },
          el("strong", {}, title, was ? el("span", { class: "done" }, " ✓", el("span", { class: "unseen" }, ` (${w("guide_tried")})`)) : null),
          el("span", {}, w(`try_${one.id}_text`, { class: one.class ? `${one.class.title} (${dayText(at(one), page.zone(one.person))} ${hourText(at(one), page.zone(one.person))})` : "" })),
          one.start ? el("code", {}, `t.me/${page.bot().username}?start=${one.start}`) : null),
        el("button", { type: "button", class: "tool main", "data-try": one.id, "data-testid": "do-" + one.id, "aria-busy": underWay.has(one.id) ? "true" : null, onclick: () => run(one) },
          w(was ? "guide_again" : "guide_try"), el("span", { class: "unseen" }, `: ${title}`)));
    }));
    if (focused) $("guide-list").querySelector(`[data-try="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  async function run(which) {
    if (underWay.has(which.id)) return;
    underWay.add(which.id);
    draw();
    if (!page.wide()) unfold(false); // the chat is what there is to see now
    try {
      await page.arrived();
      // As it is now: a code is good for some minutes, a class may have begun.
      const one = (await page.tries().catch(() => tries)).find((each) => each.id === which.id) ?? which;
      if (one.missing) { page.notice(w(`try_${one.id}_first`)); unfold(true); return; }
      if (one.at) {
        const hours = (Date.parse(one.at) - page.now().getTime()) / 3600000;
        if (hours > 0 && !await page.travel({ hours })) return;
      }
      const phone = page.phone(one.person);
      if (one.person !== undefined) await phone.switchTo(one.person);
      if (one.travel) await page.travel(one.travel);
      if (one.start !== undefined) await phone.openPayload(one.start);
      if (one.say !== undefined) await phone.say(one.say);
      remember("tried", [...new Set([...tried(), one.id])].join(" "));
    } finally {
      underWay.delete(which.id);
      draw();
    }
  }

  unfold(recall("guide") !== "closed");
  return {
    draw,
    show(list) { tries = list; draw(); },
    forget() { forgetKept("tried"); forgetKept("guide"); unfold(true); draw(); },
  };
}
