// One map: zones, alert areas, hazard sources, stations. Everything on one canvas: no WebGL, no outside address.

import { get } from "./api.js";
import { coalesce, el } from "./dom.js";
import { quantity, rank } from "./format.js";
import { t } from "./i18n.js";
import { hazardName, stationName, subjectName, zoneName } from "./names.js";
import { Label, Mark, paint, readColours, setScale } from "./marks.js";
import { on, select, state, summary } from "./state.js";

const L = window.L;
export const layers = { zones: new Map(), areas: L.layerGroup(), sources: new Map(), stations: new Map() };
let map = null;
let placed = null;
let labelled = false;

const phone = () => matchMedia("(max-width: 760px)").matches;

function tiles(basemap) {
  if (basemap?.startsWith("tiles:")) L.tileLayer(basemap.slice("tiles:".length), { maxZoom: 19, className: "base" }).addTo(map);
}

/** Everything in sight, beside what lies over the map. */
function fit() {
  if (!placed?.isValid()) return;
  const sheet = phone() ? document.getElementById("alerts").getBoundingClientRect() : null;
  const covered = sheet ? Math.max(0, map.getContainer().getBoundingClientRect().bottom - sheet.top) : 0;
  map.fitBounds(placed, { paddingTopLeft: [phone() ? 8 : 22, phone() ? 54 : 22], paddingBottomRight: [phone() ? 8 : 22, covered + (phone() ? 14 : 64)], animate: false });
}

const zoneStyle = (level) => ({ color: level ? paint[level] : paint.zoneEdge, weight: level ? 1.2 : 1, opacity: level ? 0.65 : 1, fillColor: level ? paint[level] : paint.zone, fillOpacity: level ? 0.1 : 1 });

/** Zones where a hazard has nobody left to watch for it: their edge is broken. */
const unknownZones = () => new Set([...state.health.values()].filter((command) => command.subject?.startsWith("coverage:")).map((command) => command.zone));

function drawZones() {
  const unknown = unknownZones();
  for (const [id, layer] of layers.zones) {
    layer.setStyle({ ...zoneStyle(null), dashArray: unknown.has(id) ? "6 5" : null, weight: unknown.has(id) ? 2 : 1 });
    layer.label.options.text = zoneName(id);
    layer.label.redraw();
  }
}

/** Places for a zone's name: in the middle of the zone's width, at several heights. */
function labelPlaces(feature, bounds) {
  const ring = (feature.geometry.type === "Polygon" ? feature.geometry.coordinates : feature.geometry.coordinates[0])[0];
  return [0.6, 0.7, 0.5, 0.8, 0.4, 0.3].map((share) => {
    const lat = bounds.getSouth() + (bounds.getNorth() - bounds.getSouth()) * share;
    const crossings = ring.slice(1).flatMap(([x, y], n) => {
      const [ax, ay] = ring[n];
      return (ay - lat) * (y - lat) < 0 ? [ax + ((lat - ay) * (x - ax)) / (y - ay)] : [];
    });
    return [lat, crossings.length >= 2 ? (Math.min(...crossings) + Math.max(...crossings)) / 2 : bounds.getCenter().lng];
  });
}

/** Each name where the fewest marks lie over it; once, when the stations are known. */
function placeLabels() {
  if (labelled || !state.stations.size) return;
  labelled = true;
  const marks = [...layers.stations.values(), ...layers.sources.values()].map((mark) => mark.getLatLng());
  for (const layer of layers.zones.values()) {
    const bounds = layer.getBounds();
    const room = ([lat, lon]) => Math.min(0.12, ...marks.map((at) => Math.hypot((at.lat - lat) / (bounds.getNorth() - bounds.getSouth()), (at.lng - lon) / (bounds.getEast() - bounds.getWest()) / 2.5)));
    const places = labelPlaces(layer.feature, bounds);
    layer.label.setLatLng(places.reduce((best, place) => (room(place) > room(best) + 0.01 ? place : best)));
  }
}

function addZones(collection) {
  for (const feature of collection.features) {
    const layer = L.geoJSON(feature, { style: zoneStyle(null) });
    layer.on("click", (event) => choose(event, { kind: "zone", id: feature.id }));
    layer.addTo(map);
    layer.feature = feature;
    layer.label = new Label(labelPlaces(feature, layer.getBounds())[0], { text: zoneName(feature.id), span: [layer.getBounds().getWest(), layer.getBounds().getEast()] }).addTo(map);
    layers.zones.set(feature.id, layer);
    placed = placed ? placed.extend(layer.getBounds()) : layer.getBounds();
  }
}

function hint(layer, text) {
  layer.bindTooltip(() => el("span", {}, text()), { direction: "top", offset: [0, -8], className: "hint" });
}

function addSources(collection) {
  for (const feature of collection.features) {
    const [lon, lat] = feature.geometry.coordinates;
    const mark = new Mark([lat, lon], { kind: "source", radius: 11, look: {} });
    mark.feature = feature;
    mark.on("click", (event) => choose(event, { kind: "source", id: feature.id }));
    hint(mark, () => `${t(`kind_${feature.properties.kind}`)} · ${subjectName(feature.id)}`);
    mark.addTo(map);
    layers.sources.set(feature.id, mark);
  }
}

function choose(event, selected) {
  L.DomEvent.stopPropagation(event);
  select(selected);
}

function describe(station) {
  const values = [...station.rows.values()].map((row) => `${t(`p_${row.property}`)} ${quantity(row.value, row.unit)}`);
  return `${stationName(station.id)} · ${values.slice(0, 3).join(" · ")}`;
}

function stationMark(station) {
  const mark = new Mark([station.lat, station.lon], { kind: "station", look: {} });
  mark.on("click", (event) => choose(event, { kind: "station", id: station.id }));
  hint(mark, () => describe(state.stations.get(station.id) ?? station));
  mark.addTo(map);
  layers.stations.set(station.id, mark);
  return mark;
}

function drawStations() {
  const raised = [];
  for (const station of state.stations.values()) {
    if (station.lat === undefined) continue;
    const mark = layers.stations.get(station.id) ?? stationMark(station);
    const look = summary(station);
    const chosen = state.selected?.kind === "station" && state.selected.id === station.id;
    const before = mark.options;
    if (before.chosen !== chosen || JSON.stringify(before.look) !== JSON.stringify(look)) {
      Object.assign(mark.options, { look, chosen });
      mark.redraw();
    }
    if (look.level) raised.push([rank(look.level), mark]);
  }
  for (const [id, mark] of layers.stations) {
    if (state.stations.has(id)) continue;
    mark.remove();
    layers.stations.delete(id);
  }
  placeLabels();
  for (const mark of layers.sources.values()) mark.bringToFront(); // a quiet diamond is hollow: the station inside it stays visible
  raised.sort((a, b) => a[0] - b[0]).forEach(([, mark]) => mark.bringToFront());
}

function drawSources() {
  for (const [id, mark] of layers.sources) {
    const mine = [...state.alerts.values()].filter((command) => command.subject === id);
    const level = mine.reduce((best, command) => (rank(command.level) > rank(best) ? command.level : best), null);
    Object.assign(mark.options, { look: { level }, chosen: state.selected?.kind === "source" && state.selected.id === id });
    mark.redraw();
    if (level) mark.bringToFront();
  }
}

/** Areas of alerts, the highest last; an alert without an area of its own has its zone. */
function drawAreas() {
  layers.areas.clearLayers();
  for (const command of [...state.alerts.values()].sort((a, b) => rank(a.level) - rank(b.level))) {
    const area = command.area ?? layers.zones.get(command.zone)?.toGeoJSON().features[0].geometry;
    if (!area) continue;
    const colour = paint[command.level];
    const chosen = state.selected?.kind === "alert" && state.selected.id === command.alert;
    const layer = L.geoJSON(area, { style: { color: colour, weight: chosen ? 4 : 2.2, opacity: 0.95, fillColor: colour, fillOpacity: chosen ? 0.2 : 0.11, interactive: true } });
    layer.on("click", (event) => choose(event, { kind: "zone", id: command.zone }));
    hint(layer, () => `${t(`level_${command.level}`)} · ${hazardName(command.hazard)} · ${subjectName(command.subject)}`);
    layers.areas.addLayer(layer);
  }
  for (const layer of layers.zones.values()) layer.label.bringToBack();
  for (const layer of layers.areas.getLayers().reverse()) layer.bringToBack();
  for (const layer of layers.zones.values()) layer.bringToBack();
}

/** Show what was chosen: a station or source is brought into sight, an alert's area or zone is fitted. */
function showSelected() {
  drawStations();
  drawSources();
  drawAreas();
  const chosen = state.selected;
  if (chosen?.kind === "station") pan(layers.stations.get(chosen.id));
  if (chosen?.kind === "source") pan(layers.sources.get(chosen.id));
  if (chosen?.kind === "alert") {
    const command = state.alerts.get(chosen.id);
    const source = layers.sources.get(command?.subject);
    const station = layers.stations.get(command?.subject);
    if (source ?? station) pan(source ?? station);
    else if (layers.zones.has(command?.zone)) map.fitBounds(layers.zones.get(command.zone).getBounds().pad(0.6));
  }
}

function pan(mark) {
  if (!mark) return;
  const below = phone() ? innerHeight * 0.5 : 40;
  map.panInside(mark.getLatLng(), { paddingTopLeft: [phone() ? 40 : 380, 60], paddingBottomRight: [40, below] });
}

function rescale() {
  if (placed?.isValid()) setScale((map.project(placed.getNorthEast()).x - map.project(placed.getSouthWest()).x) / 760);
}

function recolour() {
  readColours();
  drawZones();
  for (const mark of [...layers.stations.values(), ...layers.sources.values()]) mark.redraw();
  drawAreas();
}

export async function startMap() {
  readColours();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map = L.map("map", { renderer: L.canvas({ padding: 0.4, tolerance: 4 }), preferCanvas: true, zoomControl: false, zoomSnap: 0.1, zoomDelta: 0.7, wheelPxPerZoomLevel: 90, zoomAnimation: !calm, fadeAnimation: !calm, inertia: !calm }).setView([30, 110], 5);
  map.attributionControl.setPrefix(false);
  L.control.zoom({ position: "topright" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  tiles(state.site.basemap);
  layers.areas.addTo(map);
  map.on("click", () => select(null));
  const [zones, sources] = await Promise.all([get("/v1/map/zones.geojson?levels=false"), get("/v1/map/hazard_sources.geojson?levels=false")]);
  addZones(zones);
  addSources(sources);
  if (!placed) for (const { lat, lon } of state.stations.values()) if (lat !== undefined) placed = (placed ?? L.latLngBounds([lat, lon], [lat, lon])).extend([lat, lon]);
  map.on("zoomend", rescale);
  fit();
  rescale();
  drawStations();
  drawAreas();
  drawSources();
  on("stations", coalesce(drawStations));
  on("alerts", coalesce(() => {
    drawAreas();
    drawSources();
    drawStations();
  }));
  on("selected", showSelected);
  on("language health", drawZones);
  on("theme", recolour);
  map.getContainer().dataset.ready = "true";
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
}
