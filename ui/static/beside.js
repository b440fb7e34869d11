// Tradepost: a record beside its list, where all that is done with it stays. Without it a record has its own page.
(() => {
  "use strict";
  const { $, $$, ask, put, carry, query, say, toast } = window.tradepost;
  const wide = matchMedia("(min-width: 70rem)");
  const panel = $("#beside");
  const body = $("#beside-body");
  const RECORD = /[/][0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  let here = ""; // the page of the record that stands open; the address of the list says which
  const rows = () => $$("tr[data-row]");
  const row = () => rows().find((one) => one.dataset.row === here);

  const stand = (address) => {
    panel.hidden = !address;
    $("#main").classList.toggle("with-beside", Boolean(address));
    const said = query();
    if (address) {
      said.push(`_open=${new URL(address, location).pathname.split("/").pop()}`);
      $("[data-whole]", panel).href = address;
    }
    history.replaceState(history.state, "", location.pathname + (said.length ? `?${said.join("&")}` : ""));
    here = address;
  };
  const mark = () => { // a row that left the list leaves its place to the next
    if (!here) window.tradepost.place = 0;
    if (!row()) return;
    $$("tr.cursor").forEach((one) => one.classList.remove("cursor"));
    row().classList.add("cursor");
    window.tradepost.place = rows().indexOf(row());
  };
  document.addEventListener("htmx:after:swap", mark);
  const listAgain = () => htmx.ajax("GET", location.href, { target: "#listing", swap: "outerMorph" });
  const shut = () => {
    const left = row();
    stand("");
    if (!left) return;
    left.tabIndex = -1;
    left.focus({ preventScroll: true });
  };

  // What is shown in the panel: a record, or a form of it.
  let asked = 0;
  const show = async (address) => {
    const mine = ++asked;
    const inside = body.contains(document.activeElement);
    body.classList.add("waits");
    const found = await ask(address);
    if (mine === asked) body.classList.remove("waits");
    if (mine !== asked || !here) return false;
    if (found) {
      put(body, [found.parts]);
      panel.scrollTop = 0;
      if (inside) panel.focus({ preventScroll: true });
    }
    return Boolean(found);
  };
  const look = async (address) => {
    stand(address);
    mark();
    if (!(await show(address)) && here === address && !body.childElementCount) stand("");
  };
  const write = async (address) => {
    if (!(await show(address))) return;
    window.tradepost.watch();
    $("input:not([type=hidden]), select, textarea", body)?.focus();
  };
  const again = () => Promise.all([look(here), listAgain()]);
  window.tradepost.besideAgain = again;

  // Where something done leads: back to the record, to the next one when it is gone from the list, or to another form.
  const arrive = async (to) => {
    const path = new URL(to, location).pathname;
    const gone = path === location.pathname;
    if (!gone && !RECORD.test(path) && !path.endsWith("/new")) { location.assign(to); return; }
    try {
      const page = new DOMParser().parseFromString(await (await fetch(to)).text(), "text/html");
      carry(page);
    } catch { toast(say("Not sent: the server does not answer"), true); }
    $("#dialog").close();
    if (path.endsWith("/new")) { await write(to); return; }
    if (!gone) { await again(); return; }
    await listAgain();
    const next = rows()[window.tradepost.place] ?? rows().at(-1);
    if (next) await look(next.dataset.row);
    else stand("");
  };
  let sending = false;
  const send = async (form, button) => {
    if (sending) return;
    sending = true;
    const data = new FormData(form);
    if (button?.name) data.append(button.name, button.value);
    const sent = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
    let to = "";
    const unsent = $("[data-unsent]", form);
    if (unsent) unsent.hidden = true;
    const found = await ask(button?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body: sent }, (led) => { to = led; });
    sending = false;
    if (to) {
      window.tradepost.saved(form);
      form.closest(".toast")?.remove();
      await arrive(to);
    } else if (found) {
      const whole = form.matches("[data-draft]");
      put(whole ? body : $("#dialog-body"), [found.parts]);
      if (whole) window.tradepost.watch();
      else if (!$("#dialog").open) $("#dialog").showModal();
      $("[aria-invalid=true]", whole ? body : $("#dialog-body"))?.focus();
    } else if (unsent) unsent.hidden = false;
  };
  document.addEventListener("submit", (event) => { // before htmx, which would leave the list
    const form = event.target;
    const inside = body.contains(form) && (form.matches("[data-draft]") || !form.hasAttribute("hx-post"));
    if (!here || form.method !== "post" || form.matches(".set-form, [data-upload]")) return;
    if (!inside && !form.closest("#dialog, .toast")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(form, event.submitter);
  }, true);
  window.tradepost.uploaded = (form, to) => {
    if (!here || !body.contains(form) || !RECORD.test(new URL(to).pathname)) return false;
    again();
    return true;
  };

  let soon = 0;
  window.tradepost.openRow = (address) => {
    if (!wide.matches) return false;
    look(address);
    return true;
  };
  window.tradepost.moved = (row) => {
    if (!here || !row) return;
    clearTimeout(soon);
    soon = setTimeout(() => look(row.dataset.row), 60);
  };
  document.addEventListener("click", (event) => {
    if (!panel.contains(event.target) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[href]");
    const form = link && !link.matches("[data-dialog]") && /[/](edit|new)$/.test(link.pathname);
    const step = link?.matches("[rel=prev], [rel=next], [data-leave]");
    if (!form && !step && !event.target.closest("[data-shut]")) return;
    event.preventDefault();
    if (form) write(link.getAttribute("href"));
    else if (step) look(link.matches("[data-leave]") ? here : link.getAttribute("href"));
    else shut();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || !here || $("dialog[open], details.menu[open]")) return;
    if ($("form[data-draft]", body)) look(here); // what was typed is offered again
    else shut();
  });
  if (panel.dataset.open && wide.matches) look(panel.dataset.open);
})();
