// Tradepost: what is typed into a form stays in this browser until it is saved, whatever happens to the page.
(() => {
  "use strict";
  const { $ } = window.tradepost;
  const user = document.body.dataset.user;
  const mine = `draft ${user} `;
  const DAYS = 14 * 86400000;
  const each = (visit) => Object.keys(localStorage).filter((one) => one.startsWith(mine)).forEach(visit);
  const read = (key) => JSON.parse(localStorage.getItem(key) ?? "null");
  const keyOf = (form) => mine + form.getAttribute("action");

  each((key) => { if (Date.now() - read(key).at > DAYS) localStorage.removeItem(key); });
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") === "/sign-out") each((key) => localStorage.removeItem(key));
  });

  const ticked = (field) => field.type === "checkbox" || field.type === "radio";
  const name = (field) => (ticked(field) ? `${field.name}=${field.value}` : field.name);
  const value = (field) => (ticked(field) ? field.checked : field.value);

  const guard = (form) => {
    const here = keyOf(form);
    const fields = () => [...form.elements].filter((one) => one.name && !["version", "once"].includes(one.name) && !["password", "file", "submit"].includes(one.type));
    const written = () => Object.fromEntries(fields().map((one) => [name(one), value(one)]));
    const before = written();
    const kept = read(here)?.fields ?? {};
    const keep = () => {
      const changed = Object.entries(written()).filter(([one, now]) => now !== before[one]);
      const all = { ...kept, ...Object.fromEntries(changed) };
      if (Object.keys(all).length) localStorage.setItem(here, JSON.stringify({ at: Date.now(), once: form.elements.once?.value, fields: all }));
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
        const { once } = read(here) ?? {};
        if (once) form.elements.once.value = once; // it may have been sent, and only the answer lost
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
  };
  const form = () => $("form[data-draft]");
  const watch = () => { if (form()) guard(form()); };
  const saved = (form) => localStorage.removeItem(keyOf(form));
  Object.assign(window.tradepost, { watch, saved });
  watch();

  // What was sent is saved when the answer leads on; what came back to be mended is watched over like a new form.
  const unsent = (form, shown) => { $("[data-unsent]", form).hidden = !shown; };
  const of = (event) => event.target.matches?.("form[data-draft]") && event.target;
  document.addEventListener("htmx:before:request", (event) => { if (of(event)) unsent(of(event), false); });
  document.addEventListener("htmx:error", (event) => { if (of(event)) unsent(of(event), true); });
  document.addEventListener("htmx:after:request", (event) => {
    const to = event.detail.ctx.hx.redirect;
    if (of(event) && to && !to.startsWith("/sign-in")) saved(of(event));
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target?.id === "main") watch();
  });
})();
