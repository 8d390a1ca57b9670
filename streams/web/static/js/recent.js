// What happened last, and what is not well.

import { $, coalesce, el } from "./dom.js";
import { ago, hour, moment, ROMAN } from "./format.js";
import { named, t } from "./i18n.js";
import { hazardName, stationName, subjectName, zoneName } from "./names.js";
import { on, select, state } from "./state.js";
import { statusMark } from "./badge.js";

const SHOWN = 40;

function chip(level) {
  return level ? el("span", { class: `chip lv-${level}`, title: t(`level_${level}`) }, ROMAN[level]) : el("span", { class: "chip none" }, "–");
}

function change(command) {
  if (command.kind === "health") return el("span", { class: `chip ${command.level ? "unwell" : "well"}` }, command.level ? "!" : "✓");
  if (command.level === command.previous_level || !command.previous_level) return chip(command.level ?? command.previous_level);
  return el("span", { class: "change" }, chip(command.previous_level), "→", chip(command.level));
}

function text(command) {
  if (command.kind === "health") return [named(command.headline) || `${healthName(command)}: ${t(command.level ? "h_bad" : "h_good")}`];
  return [el("b", {}, t(`r_${command.reason}`)), ` ${hazardName(command.hazard)} · ${subjectName(command.subject)}`, command.by && el("span", { class: "muted" }, ` · ${command.by}`)];
}

/** Health is told of a station, of the monitoring of a zone, or of the system itself. */
function healthName(command) {
  if (state.stations.has(command.subject)) return stationName(command.subject);
  return command.zone ? zoneName(command.zone) : "Tocsin";
}

function lost(command) {
  const ids = [...new Set([command.subject, ...(command.evidence ?? []).map((item) => item.station)])].filter((id) => state.stations.has(id));
  return el("span", { class: "lost" }, ids.map((id) => el("button", { class: "link-button", type: "button", onclick: () => select({ kind: "station", id }) }, stationName(id))));
}

function entry(command) {
  // where the whole site is an exercise the banner says so; here only what differs from it is marked
  const status = state.site?.exercise && command.status === "Exercise" ? null : statusMark(command.status, state.site);
  return el("li", {}, el("time", { title: command.time }, hour(command.time)), change(command), el("p", {}, ...text(command), " ", status));
}

function drawRecent() {
  const entries = state.recent.filter((command) => ["alert", "health"].includes(command.kind)).slice(0, SHOWN).map(entry);
  $("recent").replaceChildren(...(entries.length ? entries : [el("li", { class: "muted empty" }, t("nothing_yet"))]));
}

function drawHealth() {
  const items = [...state.health.values()];
  const box = $("health");
  box.hidden = items.length === 0;
  const line = (command) =>
    el("li", {}, el("b", {}, healthName(command)), el("span", {}, named(command.headline)), lost(command),
      el("span", { class: "muted small" }, [command.zone && zoneName(command.zone), moment(command.time), ago(command.time)].filter(Boolean).join(" · ")));
  box.replaceChildren(el("summary", {}, t("health"), el("span", { class: "tally" }, String(items.length))), el("ul", {}, items.map(line)));
}

export function startRecent() {
  on("recent language", coalesce(drawRecent));
  on("health language", coalesce(drawHealth));
  on("stations", coalesce(drawHealth));
}
