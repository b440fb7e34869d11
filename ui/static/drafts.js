// Tradepost: what is typed into a form stays in this browser until it is saved, whatever happens to the page.
(() => {
  "use strict";
  const { $ } = window.tradepost;
  const user = document.body.dataset.user;
  const mine = `draft ${user} `;
  const DAYS = 14 * 86400000;
  const SENT = "draft sent";
  const each = (visit) => Object.keys(localStorage).filter((one) => one.startsWith(mine)).forEach(visit);
  const read = (key) => JSON.parse(localStorage.getItem(key) ?? "null");
  const form = $("form[data-draft]");
  const here = form && mine + form.getAttribute("action");

  // A form that was sent is saved, unless it came back to be mended.
  const sent = localStorage.getItem(SENT);
  localStorage.removeItem(SENT);
  if (sent && (sent !== here || $("[data-toast]"))) localStorage.removeItem(sent);
  each((key) => { if (Date.now() - read(key).at > DAYS) localStorage.removeItem(key); });
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") === "/sign-out") each((key) => localStorage.removeItem(key));
    else if (event.target === form) localStorage.setItem(SENT, here);
  });
  if (!form) return;

  const ticked = (field) => field.type === "checkbox" || field.type === "radio";
  const fields = () => [...form.elements].filter((one) => one.name && one.name !== "version" && !["password", "file", "submit"].includes(one.type));
  const name = (field) => (ticked(field) ? `${field.name}=${field.value}` : field.name);
  const value = (field) => (ticked(field) ? field.checked : field.value);
  const written = () => Object.fromEntries(fields().map((one) => [name(one), value(one)]));
  const before = written();
  const kept = read(here)?.fields ?? {};
  const keep = () => {
    const changed = Object.entries(written()).filter(([one, now]) => now !== before[one]);
    const all = { ...kept, ...Object.fromEntries(changed) };
    if (Object.keys(all).length) localStorage.setItem(here, JSON.stringify({ at: Date.now(), fields: all }));
    else localStorage.removeItem(here);
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  $("a[data-leave]", form)?.addEventListener("click", () => localStorage.removeItem(here));

  const offer = $("#draft");
  if (!Object.entries(kept).some(([one, was]) => one in before && before[one] !== was)) return;
  $("[data-at]", offer).textContent = new Date(read(here).at).toLocaleString(document.documentElement.lang);
  offer.hidden = false;
  offer.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-back]")) {
      for (const field of fields()) {
        const was = kept[name(field)];
        if (was !== undefined) field[ticked(field) ? "checked" : "value"] = was;
      }
    } else {
      for (const one of Object.keys(kept)) delete kept[one];
    }
    keep();
    offer.hidden = true;
    $("input:not([type=hidden]), textarea, select", form)?.focus();
  });
})();
