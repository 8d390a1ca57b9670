// Why an alert is what it is, what would change it, and how sure that is.

import { badge } from "./badge.js";
import { el } from "./dom.js";
import { named, t } from "./i18n.js";

const percent = (share) => `${Math.round(share * 100)} %`;

/** "75 % = trustworthy 100 % × agreement 75 % × age of data 100 %" */
function sureness(found) {
  if (!found) return null;
  const factors = ["trustworthy", "agreement", "age"].map((name) => `${t(`sure_${name}`)} ${percent(found[name])}`);
  return el("p", { class: "sureness" }, el("b", {}, `${t("sureness")} ${percent(found.value)}`), el("span", { class: "muted" }, ` = ${factors.join(" × ")}`));
}

function counted(found) {
  const parts = ["stations", "reports", "alerts"].filter((name) => found[name]).map((name) => t(`from_${name}`, { n: found[name] }));
  const version = found.hazard_version && `${t("rules_version")} ${found.hazard_version.slice(0, 19)}`;
  return el("p", { class: "muted small", title: found.hazard_version || null }, [...parts, version].filter(Boolean).join(" · "));
}

/** A number stays with its sign and its unit when the line breaks. */
const sentence = (one) => named(one).replace(/([≥≤<>]) /g, "$1\u00a0").replace(/(\d) (?=\D)/g, "$1\u00a0");

const reasons = (found) => el("ul", { class: "reasons" }, found.because.map((one) => el("li", { title: one.condition }, sentence(one))));

const changes = (found) => el("ul", { class: "changes" }, found.would_change.map((one) =>
  el("li", {}, one.level ? badge(one.level, true) : el("span", { class: "mark" }, t("level_over")), el("span", {}, sentence(one)))));

/** The section of a card's details; nothing, where a command has no explanation (those of before). */
export function explanation(command) {
  const found = command.explanation;
  if (!found) return null;
  return el("section", { class: "explanation" },
    found.because?.length > 0 && el("h4", {}, t("because")), found.because?.length > 0 && reasons(found),
    found.would_change?.length > 0 && el("h4", {}, t("would_change")), found.would_change?.length > 0 && changes(found),
    sureness(found.confidence), counted(found));
}
