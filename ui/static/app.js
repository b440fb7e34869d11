// Tradepost: what makes the pages quick. Every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  root.classList.add("js");

  const words = JSON.parse(document.body.dataset.words || "{}");
  const say = (message, values = {}) =>
    (words[message] || message).replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");

  // Input methods: no event leaves a field while a word is being composed, one when it is done.
  addEventListener("input", (event) => { if (event.isComposing) event.stopImmediatePropagation(); }, true);
  addEventListener("compositionend", (event) => {
    event.target.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, true);

  // What was typed before htmx was there is not lost: its own timer, set before ours, starts it.
  setTimeout(() => {
    const field = document.activeElement;
    if (field.matches("[hx-get]") && field.value !== field.defaultValue) field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });

  // Messages
  const toasts = $("#toasts");
  const dismiss = (toast) => setTimeout(() => toast.remove(), 8000);
  const toast = (text, bad = false, answer = null) => { // with the answer to what was done: a way to take it back
    if (!toasts) return;
    const made = document.createElement("div");
    made.className = bad ? "toast bad" : "toast";
    made.textContent = text;
    const request = answer?.headers.get("X-Request-Id");
    if (request) {
      const form = document.createElement("form");
      const id = document.createElement("input");
      const button = document.createElement("button");
      Object.assign(form, { method: "post", action: "/undo" });
      Object.assign(id, { type: "hidden", name: "id", value: request });
      Object.assign(button, { className: "button", textContent: say("Undo") });
      form.append(id, button);
      made.append(form);
    }
    toasts.append(made);
    dismiss(made);
  };
  $$("[data-toast]").forEach(dismiss);
  const carry = (page) => $$("[data-toast]", page).forEach((one) => { toasts.append(one); dismiss(one); });
  document.addEventListener("htmx:error", (event) => {
    if (!event.target.matches?.("[data-draft]")) toast(say("Not sent: the server does not answer"), true);
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.status >= 500) toast(say("Something went wrong on our side"), true);
  });

  // A worker keeps static files and the page for no connection, by the language of the pages; it needs https.
  if (top === self) addEventListener("load", () => navigator.serviceWorker?.register(`/worker.js?${root.lang}`));

  // The address of the page without what stands open beside a list.
  const query = () => location.search.slice(1).split("&").filter((one) => one && !one.startsWith("_open="));

  window.tradepost = { $, $$, say, toast, carry, query };

  // Empty filters stay out of the address.
  document.addEventListener("htmx:config:request", (event) => {
    const { request, sourceElement } = event.detail.ctx;
    if (request.method === "GET" && sourceElement.closest("form")) {
      for (const [name, value] of [...(request.body ?? [])]) if (value === "") request.body.delete(name);
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of event.target.elements) field.disabled = false; });
  });

  // Menus close when something else is meant.
  const closeMenus = (but) => $$("details.menu[open]").forEach((menu) => { if (!but || !menu.contains(but)) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.menu[open]")) closeMenus(event.target);
  }, true);

  // Selection: all, a range with shift, the count.
  let last = null;
  const boxes = (form) => $$("tbody input[name=id]", form);
  const count = (form) => {
    const label = $("[data-selected]", form);
    const chosen = boxes(form).filter((box) => box.checked).length;
    if (label) label.textContent = say("%(count)s selected", { count: chosen });
    form.dispatchEvent(new CustomEvent("selected"));
    const all = $("[data-all]", form);
    if (all) {
      all.checked = chosen > 0 && chosen === boxes(form).length;
      all.indeterminate = chosen > 0 && !all.checked;
    }
  };
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("tbody input[name=id]")) return;
    const all = boxes(box.form);
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-all]")) boxes(field.form).forEach((box) => { box.checked = field.checked; });
    if (field.form && field.matches("[data-all], [name=id]")) count(field.form);
  });

  // Dialogs
  const palette = $("#palette");
  const dialog = $("#dialog");
  const openPalette = () => { palette.showModal(); $("input", palette).select(); };
  const fetchInto = async (address) => {
    closeMenus(null);
    const body = $("#dialog-body");
    body.replaceChildren();
    body.classList.add("waits");
    const slow = setTimeout(() => dialog.showModal(), 150); // what comes sooner needs no sign that it comes
    await htmx.ajax("GET", address, { target: body, swap: "innerHTML" });
    clearTimeout(slow);
    body.classList.remove("waits");
    if (!body.childElementCount) { dialog.close(); return; }
    const first = $("input:not([type=hidden], [role=combobox]:not([required])), select, textarea, button", dialog);
    if (first) first.autofocus = true; // an optional combo box would open its list
    if (dialog.open) first?.focus();
    else dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-palette], a[data-dialog], [data-close]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !palette) return;
    event.preventDefault();
    if (link.matches("[data-close]")) link.closest("dialog")?.close();
    else if (link.matches("[data-palette]")) openPalette();
    else fetchInto(link.href);
  });
  // Who called somebody from a record is asked how it went, as soon as he is back.
  let called = false;
  document.addEventListener("click", (event) => { if (event.target.closest?.("a[href^='tel:']")) called = true; });
  document.addEventListener("visibilitychange", () => {
    const link = $("a[data-after-call]");
    if (document.hidden || !called || !link || $("dialog[open]")) return;
    called = false;
    fetchInto(link.href);
  });
  // A press beside a dialog closes it; one that began inside does not, wherever it ends.
  let pressed = null;
  const lift = () => setTimeout(() => { pressed = null; leave(); }); // after the click that ends the press
  document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
  $$("dialog").forEach((one) => one.addEventListener("click", (event) => {
    if (event.target === one && pressed === one) one.close();
  }));

  // Moving along rows and results
  const move = (items, step, scroll = true) => {
    if (!items.length) return;
    let now = items.findIndex((one) => one.classList.contains("cursor"));
    items[now]?.classList.remove("cursor");
    if (now < 0 && items[0].matches("tr")) now = (window.tradepost.place ?? 0) - (step > 0 ? 1 : 0);
    const next = items[Math.max(0, Math.min(items.length - 1, now + step))];
    next.classList.add("cursor");
    if (scroll) next.scrollIntoView({ block: "nearest" });
  };
  const rows = () => $$("tr[data-row]");
  const current = () => $("tr[data-row].cursor");
  palette?.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const found = $$(".found a", palette);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(found, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const chosen = $(".found a.cursor", palette) ?? found[0];
      if (chosen) { event.preventDefault(); chosen.click(); }
    }
  });

  // The keyboard
  const openRow = (row) => {
    if (row && !window.tradepost.openRow?.(row.dataset.row)) location.assign(row.dataset.row);
  };
  // Of the keys those work whose needs are on the page: the help says which, and shows no others.
  const works = (key) => (!key.dataset.needs || $(key.dataset.needs)) && !(key.dataset.unless && $(key.dataset.unless));
  const known = (pressed) => $$("#keys [data-press]").some((one) => one.dataset.press === pressed && works(one));
  const help = () => {
    for (const line of $$("#keys .keys > div")) {
      const said = $$("kbd", line);
      said.forEach((one) => { one.hidden = !works(one); });
      line.hidden = said.every((one) => one.hidden);
    }
    $("#keys").showModal();
  };
  const at = () => { if (!current()) move(rows(), 1); return current(); };
  let going = false;
  const keys = {
    j: () => { move(rows(), 1); window.tradepost.moved?.(current()); },
    k: () => { move(rows(), -1); window.tradepost.moved?.(current()); },
    o: () => openRow(at()),
    Enter: () => openRow(at()),
    x: () => $("input[name=id]", at())?.click(),
    e: () => {
      const editable = $("th[data-set]") && at();
      if (!editable || !window.tradepost.editRow(editable)) $("[data-key=e]")?.click();
    },
    "/": () => { const find = $("#find"); if (find) { find.focus(); find.select(); } else openPalette(); },
    "?": help,
    g: () => { going = true; setTimeout(() => { going = false; }, 1200); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.key === "Escape") closeMenus(null);
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (event.key === "Enter" && event.target !== document.body && !event.target.matches("tr, #beside")) return;
    if (going) {
      const place = $(`[data-go="${CSS.escape(event.key)}"]`);
      going = false;
      if (place) { place.click(); return; }
    }
    if (!known(event.key)) return;
    const action = keys[event.key];
    const named = `[data-key="${CSS.escape(event.key)}"]`;
    const link = $(`#beside:not([hidden]) a[rel]${named}`) ?? $(named);
    event.preventDefault();
    if (action) action(); else link.click();
  });

  // Combo boxes: a list of options under a field; what is chosen goes into the hidden field before it.
  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const options = (field) => $$("[role=option]", listOf(field));
  const shut = (field) => { listOf(field).replaceChildren(); field.setAttribute("aria-expanded", "false"); };
  const choose = (field, option) => {
    const hidden = $("input[type=hidden]", field.closest(".combo"));
    hidden.value = option.dataset.value;
    field.value = option.dataset.text;
    shut(field);
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (field, step) => {
    const found = options(field);
    if (!found.length) return;
    const now = found.findIndex((one) => one.getAttribute("aria-selected") === "true");
    found[now]?.setAttribute("aria-selected", "false");
    const next = found[(now + step + found.length) % found.length];
    next.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches?.("[role=combobox]") || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(field, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && options(field).length) {
      event.preventDefault();
      choose(field, options(field).find((one) => one.getAttribute("aria-selected") === "true") ?? options(field)[0]);
    } else if (event.key === "Escape" && options(field).length) {
      event.preventDefault();
      shut(field);
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[role=combobox]")) $("input[type=hidden]", event.target.closest(".combo")).value = "";
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".combo-list [role=option]");
    if (!option) return;
    event.preventDefault();
    choose($("[role=combobox]", option.closest(".combo")), option);
  });
  // The list of a field that was left is shut: not before a press is over, or what is pressed would move away.
  const leave = () => $$("[role=combobox]").forEach((field) => { if (field !== document.activeElement) shut(field); });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[role=combobox]")) setTimeout(() => { if (!pressed) leave(); });
  });
  document.addEventListener("htmx:before:swap", (event) => { // an answer that comes too late
    const field = event.detail.ctx.sourceElement;
    if (field.matches("[role=combobox]") && field !== document.activeElement) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => {
    $$("[role=combobox]").forEach((field) =>
      field.setAttribute("aria-expanded", String(options(field).length > 0)));
    $$("form.rows").forEach((form) => { boxes(form).forEach((box) => { box.checked = false; }); count(form); });
    $("#dialog-body [aria-invalid=true], main form[data-draft] [aria-invalid=true]")?.focus();
  });

  // The first field that is wrong
  $("main [aria-invalid=true]")?.focus();

  // Boards
  const drop = async (event) => {
    const { item, from, to, oldIndex } = event;
    if (from === to) return;
    const back = (reason) => {
      from.insertBefore(item, from.children[oldIndex] ?? null);
      toast(say("Moved back: %(reason)s", { reason }), true);
    };
    const body = new URLSearchParams({ to: to.dataset.value, version: item.dataset.version });
    try {
      const answer = await fetch(item.dataset.move, { method: "POST", body, headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (!answer.ok) { back(said.message); return; }
      item.dataset.version = said.version;
      toast(say("Saved"), false, answer);
      htmx.ajax("GET", location.href, { target: "#board-heads", swap: "none" });
    } catch { back(say("Not sent: the server does not answer")); }
  };
  if (window.Sortable) {
    $$("[data-lane]").forEach((lane) =>
      window.Sortable.create(lane, { group: "board", animation: 120, delay: 150, delayOnTouchOnly: true, onEnd: drop }));
    $$("[data-sort]").forEach((list) =>
      window.Sortable.create(list, { animation: 120, handle: "[data-handle]", onEnd: () => renumber(list) }));
  }
  const renumber = (list) => $$("input[type=number]", list).forEach((field, index) => { field.value = index + 1; });

  // Uploads: a bar while the file is on its way.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]") || event.defaultPrevented) return;
    event.preventDefault();
    const bar = $("progress", form);
    const request = new XMLHttpRequest();
    if (bar) bar.hidden = false;
    request.upload.onprogress = (moved) => { if (bar) { bar.max = moved.total; bar.value = moved.loaded; } };
    request.onload = () => {
      if (request.status < 400 && request.responseURL !== form.action) {
        carry(new DOMParser().parseFromString(request.responseText, "text/html"));
        if (!window.tradepost.uploaded?.(form, request.responseURL)) location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      $("main").replaceWith(document.adoptNode($("main", page)));
      htmx.process($("main"));
    };
    request.onerror = () => { if (bar) bar.hidden = true; toast(say("Not sent: the server does not answer"), true); };
    request.open("POST", form.action);
    request.send(new FormData(form));
  });

  // Where a page was left, it is again after Back and a reload, and when something saved or given up leads back to it.
  const MOST_PLACES = 30;
  const scrolled = () => $$(".scroll, .board");
  const address = () => `${location.pathname}?${query().join("&")}`;
  const leaving = (link) => link.matches("[data-leave], .crumbs a");
  let here = address();
  const leavePlace = () => {
    const { [here]: _, ...others } = JSON.parse(sessionStorage.getItem("places") ?? "{}");
    const focus = document.activeElement;
    const row = focus.closest("tr[data-row]") ?? current();
    const place = { top: scrollY, boxes: scrolled().map((box) => [box.scrollLeft, box.scrollTop]), row: row?.dataset.row, link: focus.getAttribute("href") };
    const kept = [...Object.entries(others), [here, place]].slice(-MOST_PLACES);
    sessionStorage.setItem("places", JSON.stringify(Object.fromEntries(kept)));
  };
  addEventListener("pagehide", leavePlace);
  document.addEventListener("htmx:before:history:update", leavePlace);
  document.addEventListener("htmx:after:history:update", () => { here = address(); });
  document.addEventListener("submit", (event) => { if (event.target.method === "post") sessionStorage.setItem("leads", "back"); }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link) sessionStorage.setItem("leads", leaving(link) ? "back" : "on");
  }, true);
  const comes = performance.getEntriesByType("navigation")[0]?.type;
  const place = JSON.parse(sessionStorage.getItem("places") ?? "{}")[here];
  if (place && (comes !== "navigate" || sessionStorage.getItem("leads") === "back")) {
    history.scrollRestoration = "manual";
    scrolled().forEach((box, index) => box.scrollTo(...(place.boxes[index] ?? [0, 0])));
    scrollTo(0, place.top);
    const row = rows().find((one) => one.dataset.row === place.row);
    row?.classList.add("cursor");
    if (row) row.tabIndex = -1;
    (row ?? (place.link && $(`a[href="${CSS.escape(place.link)}"]`)))?.focus({ preventScroll: true });
  }
  sessionStorage.removeItem("leads");
})();
