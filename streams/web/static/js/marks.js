// Marks on the map's canvas. Colour is never the only sign: levels carry their numeral, silence is hollow and dashed, doubt is a ring.

import { ROMAN } from "./format.js";

const L = window.L;
export let paint = {};
let scale = 1;

/** Quiet marks shrink where the map is small, so that a phone shows a county and not a heap. */
export function setScale(value) {
  scale = Math.min(1.15, Math.max(0.6, value));
}

/** Read the colours from the style sheet: one place for both themes. */
export function readColours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  paint = { ground: value("--map"), quiet: value("--mark"), edge: value("--mark-edge"), dead: value("--mark-dead"), doubt: value("--doubt"), focus: value("--focus"), zone: value("--zone"), zoneEdge: value("--zone-edge"), label: value("--zone-text"), source: value("--source") };
  for (const level of Object.keys(ROMAN)) {
    paint[level] = value(`--${level}`);
    paint[`${level}-ink`] = value(`--${level}-ink`);
  }
}

function disc(context, x, y, radius, fill, stroke, width = 1.5, dash = []) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.setLineDash(dash);
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.stroke();
  }
  context.setLineDash([]);
}

function diamond(context, x, y, radius, fill, stroke) {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius, y);
  context.lineTo(x, y + radius);
  context.lineTo(x - radius, y);
  context.closePath();
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = stroke;
  context.lineWidth = 1.5;
  context.stroke();
}

function numeral(context, x, y, level, size) {
  context.fillStyle = paint[`${level}-ink`];
  context.font = `700 ${size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(ROMAN[level], x, y + 0.5);
}

function halo(context, x, y, radius, colour) {
  context.globalAlpha = 0.22;
  disc(context, x, y, radius, colour, null);
  context.globalAlpha = 1;
}

function station(context, x, y, { level, state, suspect, plain }) {
  const quiet = state === "silent" || state === "failed";
  if (level) {
    if (!plain && (level === "red" || level === "orange")) halo(context, x, y, 15, paint[level]);
    if (quiet) disc(context, x, y, 8.5, paint.ground, paint[level], 2.2, [3.5, 2.5]);
    else disc(context, x, y, 8.5, paint[level], paint.ground, 1.5);
    if (!quiet) numeral(context, x, y, level, 9.5);
  } else if (quiet) {
    disc(context, x, y, 5 * scale, paint.ground, paint.dead, 1.6, [2.4, 2.2]);
  } else if (state === "unheard") {
    disc(context, x, y, 3.5 * scale, paint.ground, paint.dead, 1.2);
  } else {
    disc(context, x, y, 4.5 * scale, paint.quiet, paint.edge, 1.2);
  }
  if (suspect) disc(context, x, y, level ? 12 : 8 * scale, null, paint.doubt, 1.8);
}

function source(context, x, y, { level }) {
  if (level === "red" || level === "orange") halo(context, x, y, 17, paint[level]);
  diamond(context, x, y, level ? 11 : 8.5 * scale, level ? paint[level] : "transparent", level ? paint.ground : paint.source);
  if (level) numeral(context, x, y, level, 9);
}

/** A zone's name lies under the marks, never over them. It stays away where the zone is much too small for it. */
export const Label = L.CircleMarker.extend({
  options: { interactive: false, text: "", span: [0, 0] },
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const context = renderer._ctx;
    context.save();
    context.font = `560 ${scale < 0.75 ? 10.5 : 13}px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = paint.zone;
    context.fillStyle = paint.label;
    if ("letterSpacing" in context) context.letterSpacing = "1px";
    const [west, east] = this.options.span.map((lon) => this._map.project([0, lon]).x);
    const fits = context.measureText(this.options.text).width <= (east - west) * 1.1;
    if (fits) context.strokeText(this.options.text, this._point.x, this._point.y);
    if (fits) context.fillText(this.options.text, this._point.x, this._point.y);
    context.restore();
  },
  _updateBounds() {
    L.CircleMarker.prototype._updateBounds.call(this);
    const reach = L.point(110, 12);
    this._pxBounds = L.bounds(this._point.subtract(reach), this._point.add(reach));
  },
});

/** A circle marker that draws itself; hit testing, panning and zooming stay Leaflet's. */
export const Mark = L.CircleMarker.extend({
  options: { radius: 9, kind: "station", look: {} },
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const { x, y } = this._point;
    const context = renderer._ctx;
    context.save();
    (this.options.kind === "source" ? source : station)(context, x, y, this.options.look);
    if (this.options.chosen) disc(context, x, y, this.options.kind === "source" ? 17 : 14, null, paint.focus, 2);
    context.restore();
  },
  _updateBounds() {
    L.CircleMarker.prototype._updateBounds.call(this);
    const reach = L.point(20, 20); // the halo is wider than the hit circle: it must be wiped with it
    this._pxBounds = L.bounds(this._point.subtract(reach), this._point.add(reach));
  },
});

/** The same marks for the legend. */
export function sample(kind, look) {
  const canvas = document.createElement("canvas");
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = 26 * ratio;
  canvas.className = "sample";
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  (kind === "source" ? source : station)(context, 13, 13, look);
  return canvas;
}
