// Asks the browser where it is before a form is sent; without an answer the form goes without a position.
(() => {
  "use strict";

  const OPTIONS = { enableHighAccuracy: true, timeout: 10000, maximumAge: 15000 };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-here]") || form.dataset.asked || !navigator.geolocation) return;
    event.preventDefault();
    form.dataset.asked = "yes";
    const said = form.querySelector("[data-said]");
    if (said) said.hidden = false;
    const send = () => form.requestSubmit(event.submitter);
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.latitude.value = coords.latitude.toFixed(6);
      form.elements.longitude.value = coords.longitude.toFixed(6);
      send();
    }, send, OPTIONS);
  }, true);
})();
