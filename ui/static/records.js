// Tradepost: fields changed where they stand. Without it each has a page of its own.
(() => {
  "use strict";
  const { $, $$, say, toast } = window.tradepost;
  const narrow = matchMedia("(max-width: 52rem)");

  // A part of a page; `led` is told where an answer leads instead of going there.
  const ask = async (address, options = {}, led = null) => {
    try {
      const answer = await fetch(address, { ...options, headers: { "HX-Request": "true", "HX-Request-Type": "partial" } });
      const elsewhere = answer.headers.get("HX-Redirect");
      if (elsewhere) {
        if (!led || elsewhere.startsWith("/sign-in")) location.assign(elsewhere);
        else led(elsewhere);
        return null;
      }
      const made = document.createElement("template");
      made.innerHTML = await answer.text();
      if (answer.ok || $("form[action]", made.content)) return { ok: answer.ok, parts: made.content, answer };
      toast($("h1", made.content)?.textContent ?? say("Something went wrong on our side"), true);
    } catch { toast(say("Not sent: the server does not answer"), true); }
    return null;
  };

  // Where a cell is changed: a fact of a record says so itself, in a list the head of its column.
  const addressOf = (cell) => {
    if (!cell || cell.dataset.set) return cell?.dataset.set ?? "";
    const row = cell.closest("tr[data-row]");
    const field = row && cell.closest("table").tHead.rows[0].cells[cell.cellIndex]?.dataset.set;
    return field ? row.dataset.row.replace(/(?=[?]|$)/, `/set/${field}`) : "";
  };
  const cellsAround = (cell) => $$("dd, td", cell.closest("dl, tr")).filter(addressOf);
  let open = null; // { cell, kept, before }
  let waiting = false; // for a field: what is typed meanwhile means no command
  const written = (form) => new URLSearchParams(new FormData(form)).toString();
  const form = () => open && $("form.set-form", open.cell);

  const put = (cell, parts) => {
    cell.replaceChildren(...parts);
    htmx.process(cell);
  };
  Object.assign(window.tradepost, { ask, put });
  const show = (parts) => {
    put(open.cell, [parts]);
    open.before ??= written(form());
    const field = $("[aria-invalid=true]", form()) ?? $("input:not([type=hidden]), select, textarea", form());
    field?.focus();
    field?.select?.();
  };
  const close = (parts) => {
    const { cell, kept } = open;
    open = null;
    cell.classList.remove("set-open");
    if (parts) {
      const link = kept.find((one) => one.matches?.("a.set"));
      const named = cell.matches("td.first") && kept.find((one) => one.matches?.("a"));
      if (named) named.textContent = parts.textContent;
      cell.classList.toggle("blank", Boolean($(".none", parts)));
      put(cell, named ? [named] : [parts, ...(link ? [link] : [])]);
    } else put(cell, kept);
    $("a.set", cell)?.focus({ preventScroll: true });
    return cell;
  };
  const restore = () => {
    const theirs = $("[data-theirs]", open.cell);
    const parts = document.createElement("template").content;
    if (theirs) parts.append(...theirs.childNodes);
    return close(theirs ? parts : null);
  };
  const edit = async (cell) => {
    if (open && (open.cell === cell || !(await leave()))) return;
    waiting = true;
    const found = await ask(addressOf(cell));
    waiting = false;
    if (!found || open) return;
    open = { cell, kept: [...cell.childNodes] };
    cell.classList.add("set-open");
    show(found.parts);
  };
  // A record's page tells of a change in several places: it is read again.
  const fresh = async (cell) => {
    if (cell.closest("#beside")) await window.tradepost.besideAgain();
    else if (cell.matches("dd")) await htmx.ajax("GET", location.href, { target: "#main", swap: "innerMorph" });
  };
  const save = async () => {
    const sent = form();
    const found = await ask(sent.action, { method: "POST", body: new URLSearchParams(new FormData(sent)) });
    if (!found || !open) return false;
    if (!found.ok) { show(found.parts); return false; }
    toast(say("Saved"), false, found.answer);
    await fresh(close(found.parts));
    return true;
  };
  const leave = async () => (written(form()) === open.before ? Boolean(restore()) : save());
  const onward = async (step) => {
    const place = addressOf(open.cell);
    const tag = open.cell.localName;
    const around = cellsAround(open.cell).map(addressOf);
    if (!(await leave())) return;
    const next = around[around.indexOf(place) + step];
    const cell = next && $$(tag).find((one) => addressOf(one) === next);
    if (cell) edit(cell);
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    const inside = open && open.cell.contains(target);
    if (inside && target.closest(".row > a")) { event.preventDefault(); restore(); return; }
    const pencil = target.closest?.("a.set");
    const cell = target.closest?.("td, dd[data-set]");
    if (inside || !cell || (!pencil && target.closest("a, button, input, label, summary"))) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || !addressOf(cell)) return;
    if (cell.matches("td") && narrow.matches) return; // a card on a phone is pressed to scroll it
    if (!pencil && String(getSelection())) return;
    event.preventDefault();
    edit(cell);
  });
  document.addEventListener("mouseover", (event) => { // shows that it can be written in
    const cell = event.target.closest?.("td:not(.first)");
    if (cell && addressOf(cell)) cell.classList.add("settable");
  });
  document.addEventListener("submit", (event) => { // at once: a form around it would hold it up
    if (!event.target.matches("form.set-form") || !open) return;
    event.preventDefault();
    save();
  }, true);
  addEventListener("keydown", (event) => {
    const field = event.target;
    if (waiting) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (!open || event.isComposing || !open.cell.contains(field)) return;
    const listed = field.getAttribute("aria-expanded") === "true";
    if (event.key === "Escape" && !listed) {
      event.preventDefault();
      restore();
    } else if (event.key === "Enter" && !listed && (field.matches("select") || (field.matches("textarea") && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      save();
    } else if (event.key === "Tab") {
      const fields = $$("input:not([type=hidden]), select, textarea", form());
      if (field !== fields[event.shiftKey ? 0 : fields.length - 1]) return;
      event.preventDefault();
      onward(event.shiftKey ? -1 : 1);
    }
  }, true);

  // What the selected records come to
  let adding = 0;
  document.addEventListener("selected", (event) => {
    const place = $("[data-totals]", event.target);
    if (!place) return;
    const chosen = $$("tbody input[name=id]:checked", event.target).map((box) => `id=${box.value}`).join("&");
    clearTimeout(adding);
    if (!chosen) { place.textContent = ""; return; }
    adding = setTimeout(async () => {
      const found = await ask(`${place.dataset.totals}?${chosen}`);
      if (found) place.textContent = found.parts.textContent;
    }, 150);
  }, true);

  window.tradepost.editRow = (row) => {
    const cell = $$("td", row).find(addressOf);
    if (cell) edit(cell);
    return Boolean(cell);
  };
})();
