// Details of what was clicked: a station, a zone, or a hazard source.

import { $, coalesce, el } from "./dom.js";
import { ago, clock, quantity, rank } from "./format.js";
import { named, t } from "./i18n.js";
import { hazardName, stationName, subjectName, zoneName } from "./names.js";
import { on, ranked, select, state } from "./state.js";
import { showCard } from "./alerts.js";
import { badge, statusMark } from "./badge.js";
import { qualityName } from "./evidence.js";
import { layers } from "./map.js";

let opener = null;

function stream(row) {
  const silent = row.state !== "ok";
  return el("li", { class: silent ? "silent" : "" },
    el("p", { class: "stream-name" }, t(`p_${row.property}`), row.level && badge(row.level, true), statusMark(row.status, state.site)),
    el("p", { class: "stream-value" }, quantity(row.value, row.unit)),
    el("p", { class: "muted small" }, row.time ? `${clock(row.time)} · ${ago(row.time)}` : t("state_unheard")),
    el("p", { class: "flags" },
      silent && el("span", { class: "flag doubt" }, t(`state_${row.state}`)),
      row.quality && el("span", { class: `flag q${row.quality}` }, qualityName(row.quality, row.check, row.bound)),
      row.score != null && el("span", { class: "flag" }, t("score", { n: row.score })),
      row.battery != null && el("span", { class: "flag" }, t("battery", { n: Math.round(row.battery) }))));
}

/** On a phone the details lie over the list: they make way. */
function toCard(id) {
  if (matchMedia("(max-width: 760px)").matches) select(null);
  showCard(id);
}

function alertLinks(commands) {
  if (!commands.length) return el("p", { class: "muted" }, t("no_alert_here"));
  return el("ul", { class: "alert-links" }, commands.map((command) =>
    el("li", {}, el("button", { class: "link-button", type: "button", onclick: () => toCard(command.alert) }, badge(command.level, true), ` ${hazardName(command.hazard)} · ${subjectName(command.subject)}`))));
}

function stationDetail(id) {
  const station = state.stations.get(id);
  if (!station) return null;
  const rows = [...station.rows.values()];
  const ids = new Set(rows.flatMap((row) => row.alerts));
  return [head("kind_station", stationName(id), [id, zoneName(station.zone)]),
    el("ul", { class: "streams" }, rows.map(stream)),
    el("h3", {}, t("contributes")), alertLinks(ranked().filter((command) => ids.has(command.alert)))];
}

function stationList(stations) {
  const shown = stations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return el("ul", { class: "alert-links" }, shown.map((station) => {
    const row = [...station.rows.values()].toSorted((a, b) => rank(b.level) - rank(a.level))[0];
    return el("li", {}, el("button", { class: "link-button", type: "button", onclick: () => select({ kind: "station", id: station.id }) }, named(station.name, station.id)), el("span", { class: "muted small" }, ` ${quantity(row?.value, row?.unit)}`));
  }));
}

function unwatched(hazards) {
  if (!hazards.length) return [];
  return [el("p", { class: "unwatched muted small" }, t("unwatched", { hazards: hazards.map(hazardName).join(t("comma")) }))];
}

function zoneDetail(id) {
  const zone = state.site.zones[id];
  if (!zone) return null;
  const inside = [...state.stations.values()].filter((station) => station.zone === id);
  const unknown = [...state.health.values()].filter((command) => command.zone === id && command.subject?.startsWith("coverage:"));
  return [head("kind_zone", zoneName(id), [id, zone.unit && `${t("unit")} ${zone.unit}`]),
    ...unknown.map((command) => el("p", { class: "flags" }, el("span", { class: "flag doubt" }, named(command.headline)))),
    ...unwatched(zone.unwatched ?? []),
    alertLinks(ranked().filter((command) => command.zone === id)),
    el("h3", {}, t("stations_n", { n: inside.length })), stationList(inside)];
}

function sourceDetail(id) {
  const source = layers.sources.get(id)?.feature.properties;
  if (!source) return null;
  return [head(`kind_${source.kind}`, subjectName(id), [id, source.hazards.map(hazardName).join("、"), zoneName(source.zone)]),
    alertLinks(ranked().filter((command) => command.subject === id)),
    el("h3", {}, t("stations_n", { n: source.stations.length })), stationList(source.stations.map((s) => state.stations.get(s)).filter(Boolean))];
}

function head(kind, title, facts) {
  return el("header", {}, el("p", { class: "kind" }, t(kind)), el("h2", {}, title), el("p", { class: "muted small" }, facts.filter(Boolean).join(" · ")),
    el("button", { class: "close", type: "button", "aria-label": t("close"), title: t("close"), onclick: close }, "✕"));
}

const DRAW = { station: stationDetail, zone: zoneDetail, source: sourceDetail };

function draw() {
  const panel = $("detail");
  const content = state.selected && DRAW[state.selected.kind]?.(state.selected.id);
  panel.hidden = !content;
  if (!content) return;
  const scrolled = panel.scrollTop;
  panel.setAttribute("aria-label", t("details"));
  panel.replaceChildren(...content);
  panel.scrollTop = scrolled;
}

function close() {
  select(null);
  opener?.focus?.();
}

export function startDetail() {
  on("selected", () => {
    if (state.selected && $("detail").hidden) opener = document.activeElement;
    draw();
    $("detail").scrollTop = 0;
    if (!$("detail").hidden) $("detail").focus({ preventScroll: true });
  });
  // values that change redraw the panel, unless somebody is in the middle of it with the keyboard
  const soon = coalesce(() => !$("detail").querySelector(":focus-visible") && draw());
  on("stations alerts language", soon);
  document.addEventListener("keydown", (event) => event.key === "Escape" && !$("act").open && state.selected && close());
}
