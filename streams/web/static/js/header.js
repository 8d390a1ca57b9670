// Counts by level, link state, clock, language, theme, notice.

import { $, el } from "./dom.js";
import { clock, day, LEVELS, levelName, now, ROMAN } from "./format.js";
import { lang, recall, remember, setLanguage, t } from "./i18n.js";
import { emit, on, state } from "./state.js";
import { drawSound } from "./sound.js";

const THEMES = ["auto", "dark", "light"];
let theme = recall("tocsin.theme") ?? "auto";

function drawCounts() {
  const chips = LEVELS.map((level) => {
    const count = [...state.alerts.values()].filter((command) => command.level === level).length;
    const label = `${levelName(level)} ${ROMAN[level]}: ${count}`;
    return el("li", { class: `count ${count ? `lv-${level}` : "none"}`, title: label, "aria-label": label }, el("span", { class: "roman" }, ROMAN[level]), el("span", { class: "word" }, t(`short_${level}`)), el("b", {}, String(count)));
  });
  $("counts").replaceChildren(...chips);
  const worst = LEVELS.find((level) => [...state.alerts.values()].some((command) => command.level === level));
  const total = state.alerts.size;
  document.title = `${total ? `(${total}${worst ? ` ${levelName(worst)}` : ""}) ` : ""}Tocsin 警钟`;
}

function drawLink() {
  $("link").className = `link ${state.link}`;
  $("link").textContent = t(state.link);
  const notice = $("notice");
  notice.hidden = !["away", "lost"].includes(state.link);
  notice.textContent = notice.hidden ? "" : t(`notice_${state.link}`);
}

function drawClock() {
  $("clock").replaceChildren(el("span", { class: "day" }, day(now())), el("time", {}, clock(now())));
}

function drawTheme() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").dataset.theme = theme;
  $("theme").title = t(`theme_${theme}`);
  $("theme").setAttribute("aria-label", t(`theme_${theme}`));
}

function drawNames() {
  $("site-name").textContent = state.site?.name === "tocsin" ? "" : (state.site?.name ?? "");
  $("exercise").hidden = !state.site?.exercise;
  document.body.classList.toggle("is-exercise", Boolean(state.site?.exercise));
  $("language").textContent = t("language");
  $("language").title = t("language_title");
  $("language").lang = lang() === "zh" ? "en" : "zh-CN";
}

export function drawHeader() {
  drawNames();
  drawCounts();
  drawLink();
  drawClock();
  drawTheme();
  drawSound();
}

export function startHeader() {
  on("alerts", drawCounts);
  on("link", drawLink);
  setInterval(drawClock, 1000);
  $("language").addEventListener("click", () => {
    setLanguage(lang() === "zh" ? "en" : "zh");
    remember("tocsin.lang", lang());
    emit("language");
  });
  $("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remember("tocsin.theme", theme);
    drawTheme();
    emit("theme");
  });
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => emit("theme"));
  drawTheme();
}
