// Two phones side by side where the window is wide, so that one sees how two people write to each other. The second is
// this page once more, in a frame, and shows nothing but its phone. It hears the news from the first: browsers keep few
// connections open to one server.

import { el } from "./bubbles.js";
import { w } from "./words.js";

const TWO = matchMedia("(min-width: 900px)");
const own = (event, other) => event.origin === location.origin && event.source === other;

// Whether this page is the second phone.
export const beside = window.parent !== window && new URLSearchParams(location.search).has("beside");

// In the first phone. Returns tell(news), redraw(), and phone(): what the second can be made to do, once it is there.
export function setUpSecondPhone(line) {
  if (beside) return { tell() {}, redraw() {}, phone: () => undefined };
  let frame = null;
  const tell = (news) => frame?.contentWindow?.postMessage(news, location.origin);
  function place() {
    if (TWO.matches === Boolean(frame)) return;
    if (frame) { frame.remove(); frame = null; return; }
    frame = el("iframe", { id: "second-phone", class: "second-phone", "data-testid": "second-phone", src: "/?beside", title: w("second_phone") });
    document.getElementById("phone").after(frame);
  }
  addEventListener("message", (event) => { if (frame && own(event, frame.contentWindow) && event.data?.type === "ready") tell(line()); });
  TWO.addEventListener("change", place);
  place();
  return { tell, redraw() { if (frame) frame.title = w("second_phone"); }, phone: () => frame?.contentWindow?.sandboxPhone };
}

// In the second phone: hears what the first tells, and offers what it can be made to do.
export function beSecondPhone(phone, hear) {
  document.documentElement.classList.add("beside");
  window.sandboxPhone = phone;
  addEventListener("message", (event) => { if (own(event, window.parent)) hear(event.data); });
  window.parent.postMessage({ type: "ready" }, location.origin);
}
