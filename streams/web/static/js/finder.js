// Find a station or zone by name: also the way to every mark on the map for who uses a keyboard.

import { $, el } from "./dom.js";
import { named, t } from "./i18n.js";
import { zoneName } from "./names.js";
import { on, select, state } from "./state.js";

const SHOWN = 8;

function found(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const fits = (id, name) => `${id} ${name?.zh ?? ""} ${name?.en ?? ""}`.toLowerCase().includes(wanted);
  const zones = Object.entries(state.site.zones).filter(([id, zone]) => fits(id, zone.name)).map(([id]) => ({ kind: "zone", id, name: zoneName(id), about: t("kind_zone") }));
  const stations = [...state.stations.values()].filter((station) => fits(station.id, station.name)).map((station) => ({ kind: "station", id: station.id, name: named(station.name, station.id), about: zoneName(station.zone) }));
  return [...zones, ...stations].slice(0, SHOWN);
}

export function startFinder() {
  const input = el("input", { type: "search", id: "find", autocomplete: "off", enterkeyhint: "search" });
  const list = el("ul", { class: "found" });
  const choose = (item) => {
    input.value = "";
    list.replaceChildren();
    select({ kind: item.kind, id: item.id });
  };
  const draw = () => {
    const items = found(input.value);
    const buttons = items.map((item) => el("li", {}, el("button", { type: "button", onclick: () => choose(item) }, el("span", {}, item.name), el("small", {}, `${item.about} · ${item.id}`))));
    list.replaceChildren(...(buttons.length || !input.value.trim() ? buttons : [el("li", { class: "muted" }, t("nothing"))]));
  };
  const names = () => {
    input.placeholder = t("find");
    input.setAttribute("aria-label", t("find"));
  };
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      draw();
    }
    if (event.key === "Enter") list.querySelector("button")?.click();
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
  });
  $("finder").replaceChildren(input, list);
  on("language", names);
  names();
}
