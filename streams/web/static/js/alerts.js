// The list of active alerts. A card is drawn anew when its command changes, otherwise only its figures.

import { $, arrange, coalesce, el } from "./dom.js";
import { clock, duration, levelName, moment, opened, ROMAN } from "./format.js";
import { named, t } from "./i18n.js";
import { hazardName, subjectName, zoneName } from "./names.js";
import { on, ranked, select, state, summary } from "./state.js";
import { ask } from "./act.js";
import { statusMark } from "./badge.js";
import { evidenceList, hasNoData, standing } from "./evidence.js";
import { explanation } from "./explanation.js";

const cards = new Map(); // alert id -> {node, version}
const open = new Set(); // alert ids whose details are unfolded
const pending = new Set();

function marks(command) {
  const first = command.proposed && command.by && command.reason !== "acknowledged";
  return el("p", { class: "marks" },
    command.acknowledged_by && el("span", { class: "mark good" }, t("acked", { who: command.acknowledged_by })),
    command.muted_by?.length > 0 && el("span", { class: "mark" }, t("muted")),
    first ? el("span", { class: "mark call" }, t("first_person", { who: command.by })) : command.proposed && el("span", { class: "mark call" }, t("proposed")),
    command.reports > 0 && el("span", { class: "mark" }, t("reports", { n: command.reports })),
    hasNoData(command) && el("span", { class: "mark doubt" }, t("no_data")));
}

async function act(kind, command) {
  if (!(await ask(kind, command))) return;
  pending.add(command.alert);
  draw();
  setTimeout(() => pending.delete(command.alert) && draw(), 8000);
}

function buttons(command) {
  const busy = pending.has(command.alert);
  const button = (kind, look) => el("button", { type: "button", class: look, disabled: busy, "data-act": kind, onclick: () => act(kind, command) }, busy ? t("pending") : t(kind));
  const unfold = el("button", { type: "button", class: "unfold", "data-act": "more", "aria-expanded": String(open.has(command.alert)), onclick: () => toggle(command) }, t("evidence_n", { n: command.evidence?.length ?? 0 }));
  return el("div", { class: "buttons" }, !command.acknowledged_by && button("ack", "primary"), !busy && button("end", "quiet"), unfold);
}

function toggle(command) {
  if (!open.delete(command.alert)) open.add(command.alert);
  draw();
}

function unfolded(command) {
  return el("div", { class: "more" },
    explanation(command),
    evidenceList(command, (id) => select({ kind: "station", id })),
    named(command.headline) && el("p", { class: "headline" }, named(command.headline)),
    named(command.instruction) && el("p", { class: "advice" }, el("b", {}, `${t("instruction")} `), named(command.instruction)),
    command.note && el("p", { class: "advice muted" }, `${command.by ?? ""}: ${command.note}`),
    el("footer", {}, el("p", { class: "id" }, `${command.alert} · v${command.version}`),
      el("button", { type: "button", class: "link-button", "data-act": "withdraw", onclick: () => act("withdraw", command) }, t("withdraw"))));
}

function card(command) {
  const where = () => select({ kind: "alert", id: command.alert });
  return el("li", { class: `card lv-${command.level}`, "data-alert": command.alert },
    el("div", { class: "band", role: "img", "aria-label": `${levelName(command.level)} ${ROMAN[command.level]}` }, el("b", {}, ROMAN[command.level]), el("span", {}, t(`short_${command.level}`))),
    el("div", { class: "body" },
      el("h3", {}, el("button", { class: "title", type: "button", onclick: where }, el("span", { class: "hazard" }, hazardName(command.hazard)), el("span", { class: "subject" }, subjectName(command.subject))), statusMark(command.status, state.site)),
      el("p", { class: "where" },
        el("span", {}, zoneName(command.zone)),
        el("span", { class: "since" }, `${t("since")} ${moment(opened(command))} · `, el("time", { "data-from": opened(command), title: clock(opened(command)) }, duration(opened(command))))),
      standing(command),
      marks(command),
      el("div", { class: "row" }, buttons(command)),
      open.has(command.alert) && unfolded(command)));
}

const stamp = (command) => `${command.version}|${pending.has(command.alert)}|${hasNoData(command)}|${open.has(command.alert)}`;

function node(command) {
  const known = cards.get(command.alert);
  if (known?.stamp === stamp(command)) return known.node;
  if (known && known.version !== command.version) pending.delete(command.alert);
  const fresh = card(command);
  const focused = known?.node.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  if (known && known.version !== command.version) fresh.classList.add("changed");
  if (!known && cards.size) fresh.classList.add("changed");
  cards.set(command.alert, { node: fresh, version: command.version, stamp: stamp(command) });
  if (focused) queueMicrotask(() => fresh.querySelector(`[data-act="${focused}"]`)?.focus());
  return fresh;
}

function quiet() {
  if (!state.loaded) return el("li", { class: "quiet" }, el("p", { class: "big" }, t("loading")));
  // calm must be earned: say how many stations it rests on
  const all = state.stations.size;
  const ok = [...state.stations.values()].filter((station) => summary(station).state === "ok").length;
  return el("li", { class: `quiet ${state.link === "live" && ok ? "" : "stale"}` }, el("div", { class: "calm", "aria-hidden": "true" }), el("p", { class: "big" }, t("quiet")), el("p", {}, ok ? t("quiet_long", { ok, all }) : t("quiet_unknown")));
}

function draw() {
  const list = ranked();
  for (const id of cards.keys()) if (!state.alerts.has(id)) cards.delete(id);
  arrange($("list"), list.length ? list.map(node) : [quiet()]);
  $("total").textContent = list.length ? String(list.length) : "";
}

/** New values came: the figures and, if a station went quiet, the marks. */
function figures() {
  for (const command of state.alerts.values()) {
    const known = cards.get(command.alert);
    known?.node.querySelector(".standing")?.replaceWith(standing(command));
  }
  draw();
}

function durations() {
  for (const time of document.querySelectorAll("time[data-from]")) time.textContent = duration(Number(time.dataset.from));
}

export function showCard(id) {
  const found = cards.get(id)?.node;
  found?.scrollIntoView({ block: "nearest" });
  found?.querySelector(".title").focus({ preventScroll: true });
}

export function startAlerts() {
  const soon = coalesce(draw);
  on("alerts link", soon);
  on("stations", coalesce(figures));
  on("language", () => {
    cards.clear();
    draw();
  });
  setInterval(durations, 15_000);
  draw();
}

