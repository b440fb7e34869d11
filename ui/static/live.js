// What changes while a page is open. Without it a page is as it was when it was asked for.
(() => {
  "use strict";
  const place = document.querySelector("[data-live]");
  if (!window.EventSource) return;
  let stream;
  let slept = false;
  let known = new Set();
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
      records.forEach((one) => known.add(one));
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
  // The records that lists and boards show: the stream tells when one of them goes out of sight.
  const shown = () => $$("[data-live-part] [data-row], [data-live-part] [data-move]")
    .map((one) => (one.dataset.row ?? one.dataset.move).match(/[0-9a-f-]{36}/)?.[0]).filter(Boolean).slice(0, 100);
  const open = () => {
    stream?.close();
    known = new Set(shown());
    stream = new EventSource(`/live?${place?.dataset.live ?? ""}${known.size ? `&shown=${[...known]}` : ""}`);
    for (const [name, tell] of Object.entries(told)) stream.addEventListener(name, (event) => tell(JSON.parse(event.data)));
    // What changed while nobody listened is asked for once.
    stream.addEventListener("open", () => {
      if (slept) $$("[data-live-part]").forEach(renew);
      slept = false;
    });
    stream.addEventListener("error", () => { slept = true; });
  };
  // Another page of the list shows records that the stream does not know of.
  document.addEventListener("htmx:after:swap", () => {
    if (stream?.readyState === EventSource.OPEN && shown().some((one) => !known.has(one))) open();
  });
  // A tab that nobody sees holds no stream: a browser has six for a server.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      slept = true;
      stream?.close();
    } else if (stream?.readyState !== EventSource.OPEN) open();
  });
  if (!document.hidden) open();
})();
