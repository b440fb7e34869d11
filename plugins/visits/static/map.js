// Draws routes and stops on a plain grid: no tiles, no borders. The list beside it says the same.
(() => {
  "use strict";

  const draw = (element) => {
    element.hidden = false;
    const routes = JSON.parse(element.dataset.routes);
    const words = JSON.parse(element.dataset.words);
    const map = L.map(element, { attributionControl: false, zoomControl: false, zoomSnap: 0.25 });
    L.control.zoom({ zoomInTitle: words.closer, zoomOutTitle: words.farther }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    const points = routes.flatMap((route) => [...route.line, ...route.stops.map((stop) => stop.at)]);
    map.fitBounds(L.latLngBounds(points).pad(0.1), { maxZoom: 16, animate: false });
    for (const route of routes) {
      L.polyline(route.line, { className: `route m${route.tone}` }).addTo(map);
      for (const stop of route.stops) {
        const icon = L.divIcon({ className: `stop m${route.tone} ${stop.state}`, html: "", iconSize: [26, 26] });
        const mark = L.marker(stop.at, { icon, title: stop.title, alt: stop.title, riseOnHover: true }).addTo(map);
        mark.getElement().textContent = stop.mark;
        mark.on("click", () => location.assign(stop.href));
      }
    }
  };

  const all = () => {
    for (const element of document.querySelectorAll("[data-routes]:not(.leaflet-container)")) draw(element);
  };
  document.addEventListener("htmx:after:swap", all);
  all();
})();
