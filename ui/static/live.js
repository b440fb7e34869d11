// What changes while a page is open. Without it a page is as it was when it was asked for.
(() => {
  "use strict";
  const place = document.querySelector("[data-live]");
  if (!window.EventSource) return;
  let stream;
  let slept = false;
  const waiting = new Map();
  const $$ = (selector) => [...document.querySelectorAll(selector)];

  const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  // A part renews itself a moment after the last change, and not under the hands of who types in it.
  const renew = (part) => {
    clearTimeout(waiting.get(part));
    waiting.set(part, setTimeout(() => {
      if (!part.isConnected) return;
      if (busy(part)) return renew(part);
      waiting.delete(part);
      part.dispatchEvent(new CustomEvent("live"));
    }, 400));
  };
  const told = {
    bell: (count) => {
      for (const one of $$("[data-unread]")) {
        one.textContent = count || "";
        one.hidden = !count;
      }
      $$('[data-live-part="bell"]').forEach(renew);
    },
    changed: ({ model, records }) => {
      for (const part of $$(`[data-live-part="${model}"]`)) {
        if (!part.dataset.record || records.includes(part.dataset.record)) renew(part);
      }
    },
    editing: (names) => {
      for (const one of $$("[data-editing]")) {
        one.hidden = !names.length;
        one.querySelector("[data-names]").textContent = names.join(", ");
      }
    },
    gone: () => stream.close(),
  };
  const open = () => {
    stream = new EventSource(`/live?${place?.dataset.live ?? ""}`);
    for (const [name, tell] of Object.entries(told)) stream.addEventListener(name, (event) => tell(JSON.parse(event.data)));
    // What changed while nobody listened is asked for once.
    stream.addEventListener("open", () => {
      if (slept) $$("[data-live-part]").forEach(renew);
      slept = false;
    });
    stream.addEventListener("error", () => { slept = true; });
  };
  // A tab that nobody sees holds no stream: a browser has six for a server.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      slept = true;
      stream?.close();
    } else if (stream?.readyState !== EventSource.OPEN) open();
  });
  if (!document.hidden) open();
})();
