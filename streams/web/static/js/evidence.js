// The decisive value of an alert: which one it is, how it stands to its threshold, where it goes.

import { el } from "./dom.js";
import { clock, decimals, moment, number, quantity, unit } from "./format.js";
import { t } from "./i18n.js";
import { stationName } from "./names.js";
import { historyKey, isMeasured, state } from "./state.js";

const hasThreshold = (item) => item.threshold !== null && item.threshold !== undefined;
const SIGNS = { ">=": "≥", "<=": "≤", ">": ">", "<": "<" };

/** The evidence whose rule made the level; among several the one farthest beyond its threshold. */
export function decisive(command) {
  const made = (command.evidence ?? []).filter((item) => item.rule?.endsWith(`/${command.level}`));
  const beyond = (item) => (item.value === null || !item.threshold ? 0 : Math.abs(item.value - item.threshold) / Math.abs(item.threshold));
  return (made.length ? made : (command.evidence ?? [])).toSorted((a, b) => beyond(b) - beyond(a))[0];
}

/** The same datastream's newest value, if it is newer and means the same. */
function current(hazard, item) {
  if (!isMeasured(item)) return item;
  const row = state.stations.get(item.station)?.rows.get(item.property);
  const newer = row && row.unit === item.unit && row.value !== null && row.time && Date.parse(row.time) > Date.parse(item.time);
  return newer ? row : item;
}

const points = (hazard, item) => state.history.get(historyKey(hazard, item)) ?? [];

/** -1, 0, 1: the newest value against those of a while before; a hundredth of the threshold is no change. */
function direction(hazard, item) {
  const values = points(hazard, item).slice(-12).map(([, value]) => value);
  if (values.length < 2) return null;
  const change = values.at(-1) - values[0];
  const least = Math.abs(item.threshold ?? values[0]) * 0.01;
  return Math.abs(change) <= least ? 0 : Math.sign(change);
}

const ARROWS = { 1: ["↗", "rising"], 0: ["→", "steady"], "-1": ["↘", "falling"] };

/** "5.21 m ≥ 5.00 m ↗", the small curve, and whose value it is. */
export function standing(command) {
  const item = decisive(command);
  if (!item) return el("div", { class: "standing" });
  const held = current(command.hazard, item);
  const way = ARROWS[direction(command.hazard, item)];
  const digits = Math.max(decimals(held.value), decimals(item.threshold));
  const compared = hasThreshold(item) && `${SIGNS[item.comparison] ?? item.comparison} ${quantity(item.threshold, item.unit, digits)}`;
  return el(
    "div",
    { class: "standing" },
    el("div", { class: "figures" },
      el("span", { class: "figure" }, number(held.value, digits), el("small", {}, unit(item.unit))),
      way && el("span", { class: "way", title: t(way[1]), "aria-label": t(way[1]) }, way[0]),
      compared && el("span", { class: "against" }, compared)),
    curve(command.hazard, item),
    el("p", { class: "whose" }, `${propertyName(command.hazard, item)} · ${stationName(item.station)} · ${clock(held.time)}`),
  );
}

/** A curve of what this page has seen, with the threshold as a dashed line. Decoration: the figures say the same. */
function curve(hazard, item) {
  const seen = points(hazard, item).slice(-60);
  if (seen.length < 3) return null;
  const values = seen.map(([, value]) => value).concat(item.threshold ?? []);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [seen[0][0], seen.at(-1)[0]];
  const x = (at) => 2 + (96 * (at - from)) / (to - from || 1);
  const y = (value) => 27 - (24 * (value - low)) / (high - low || 1);
  const svg = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const picture = svg("svg", { viewBox: "0 0 100 30", class: "curve", "aria-hidden": "true" });
  if (hasThreshold(item)) picture.append(svg("path", { class: "limit", d: `M0 ${y(item.threshold)}H100` }));
  picture.append(svg("path", { class: "line", d: seen.map(([at, value], n) => `${n ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("") }));
  picture.append(svg("circle", { class: "tip", cx: x(to), cy: y(seen.at(-1)[1]), r: 2.2 }));
  return picture;
}

const propertyName = (hazard, item) => `${t(`p_${item.property}`)}${isMeasured(item) ? "" : t("derived")}`;

export const qualityName = (flag, check, bound = "") => `${t(`q${flag}`)}${check ? ` · ${t(`check_${check}`)}` : ""}${bound ? ` (${bound})` : ""}`;

/** The evidence as a list that a phone can show as well. */
export function evidenceList(command, open) {
  return el("ul", { class: "evidence" }, (command.evidence ?? []).map((item) =>
    el("li", {},
      el("button", { class: "link-button", type: "button", onclick: () => open(item.station) }, stationName(item.station)),
      el("span", { class: "ev-value" }, `${propertyName(command.hazard, item)} ${quantity(item.value, item.unit)}`, hasThreshold(item) && el("span", { class: "muted" }, ` ${SIGNS[item.comparison] ?? item.comparison} ${quantity(item.threshold, item.unit)}`)),
      el("span", { class: "muted small" }, `${moment(item.time)} · ${t("rule")} ${item.rule}`),
      el("span", { class: `flag q${item.quality}` }, qualityName(item.quality, item.check, item.bound)))));
}

/** Whether a station that this alert rests on has gone quiet. */
export const hasNoData = (command) =>
  (command.evidence ?? []).some((item) => ["silent", "failed"].includes(state.stations.get(item.station)?.rows.get(item.property)?.state));
