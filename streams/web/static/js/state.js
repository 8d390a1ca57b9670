// All that the page knows, and who wants to hear of a change. No drawing here.

import { rank } from "./format.js";

export const state = {
  site: null,
  alerts: new Map(), // id -> latest command
  stations: new Map(), // id -> {id, name, zone, lon, lat, rows: Map(property -> row)}
  history: new Map(), // key -> [[ms, value], …]
  health: new Map(), // subject -> command
  recent: [], // newest first
  link: "connecting", // live | connecting | lost | away
  loaded: false,
  selected: null, // {kind: station|zone|source, id}
};

const RECENT = 60;
const HISTORY = 120;
const listeners = new Map();

export function on(topics, listener) {
  for (const topic of topics.split(" ")) listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

export function emit(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

export function setLink(link) {
  if (state.link === link) return;
  state.link = link;
  emit("link");
}

export function select(selected) {
  state.selected = selected;
  emit("selected");
}

/** Highest level first, then newest. */
export const ranked = () =>
  [...state.alerts.values()].sort((a, b) => rank(b.level) - rank(a.level) || Date.parse(b.time) - Date.parse(a.time) || (a.alert < b.alert ? -1 : 1));

/** Everything anew: what the server says now replaces what was known. */
export function replaceAll({ alerts, stations, health, recent }) {
  state.alerts = new Map(alerts.map((command) => [command.alert, command]));
  state.health = new Map(health.map((command) => [healthKey(command), command]));
  state.recent = recent.slice(0, RECENT);
  for (const command of [...recent].reverse()) note(command);
  for (const command of alerts) note(command);
  state.stations = new Map();
  addRows(stations);
  state.loaded = true;
  emit("alerts");
  emit("health");
  emit("recent");
  emit("stations");
}

/** One command of the feed. An older version than the known one changes nothing. */
export function apply(command) {
  if (state.recent.some((known) => known.id === command.id)) return;
  state.recent = [command, ...state.recent].slice(0, RECENT);
  emit("recent");
  if (command.kind === "health") applyHealth(command);
  if (command.kind === "alert") applyAlert(command);
}

const healthKey = (command) => command.subject ?? command.zone ?? "system";

function applyHealth(command) {
  if (command.level && command.msg_type !== "Cancel") state.health.set(healthKey(command), command);
  else state.health.delete(healthKey(command));
  emit("health");
}

function applyAlert(command) {
  const known = state.alerts.get(command.alert);
  if (known && known.version >= command.version) return;
  if (command.msg_type === "Cancel") state.alerts.delete(command.alert);
  else state.alerts.set(command.alert, command);
  note(command);
  emit("alerts");
  if (rank(command.level) > rank(known?.level)) emit("raised", command);
}

/** Whether evidence speaks of the measured value itself, and not of what a part made from it (a sum, a rate, a mean). */
export const isMeasured = (item) => !item.part;

/** Measured values make one history, whoever told them; derived ones make their own. */
export const historyKey = (hazard, item) => `${isMeasured(item) ? "" : hazard}|${item.station}|${item.property}|${item.unit}`;

/** Remember the values on the way: later versions do not repeat them. */
function note(command) {
  if (command.kind !== "alert") return;
  for (const item of command.evidence ?? []) remember(historyKey(command.hazard, item), item);
}

function remember(key, { time, value }) {
  if (value === null || value === undefined || !time) return;
  const points = state.history.get(key) ?? [];
  const at = Date.parse(time);
  if (points.length && points.at(-1)[0] >= at) return;
  points.push([at, value]);
  if (points.length > HISTORY) points.shift();
  state.history.set(key, points);
}

function addRows(rows) {
  for (const row of rows) {
    let station = state.stations.get(row.station);
    if (!station) state.stations.set(row.station, (station = { id: row.station, rows: new Map() }));
    Object.assign(station, { name: row.name, zone: row.zone, subject: row.subject });
    if (row.lon !== null) Object.assign(station, { lon: row.lon, lat: row.lat });
    station.rows.set(row.property, row);
    remember(`|${row.station}|${row.property}|${row.unit}`, row);
  }
}

export function applyStations(rows) {
  addRows(rows);
  emit("stations", rows);
}

const STATES = ["ok", "unheard", "silent", "failed"];

/** A station as one mark: its highest level, its worst state, whether any of its values is doubtful. */
export function summary(station) {
  const rows = [...station.rows.values()];
  const level = rows.reduce((best, row) => (rank(row.level) > rank(best) ? row.level : best), null);
  const condition = rows.reduce((worst, row) => (STATES.indexOf(row.state) > STATES.indexOf(worst) ? row.state : worst), "ok");
  return { level, state: condition, suspect: rows.some((row) => row.quality === 3 || row.quality === 4) };
}
