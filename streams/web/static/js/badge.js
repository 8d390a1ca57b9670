// Signs in the text: a level is a colour, a numeral and a word together.

import { el } from "./dom.js";
import { ROMAN } from "./format.js";
import { t } from "./i18n.js";

export function badge(level, small = false) {
  return el("span", { class: `badge lv-${level}${small ? " small" : ""}` }, el("b", {}, ROMAN[level]), t(`short_${level}`));
}

/** What an alert is, where it must be said: an exercise anywhere, and what is real in the middle of an exercise. */
export function statusMark(status, site = {}) {
  if (status === "Actual") return site?.exercise ? el("span", { class: "mark actual-mark" }, t("actual_badge")) : null;

  if (status === "Exercise") return el("span", { class: "mark exercise-mark" }, t("exercise_badge"));
  return status === "Test" ? el("span", { class: "mark" }, t("test_badge")) : null;
}
