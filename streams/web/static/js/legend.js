// What the marks mean, drawn with the marks themselves.

import { $, el } from "./dom.js";
import { LEVELS, ROMAN } from "./format.js";
import { t } from "./i18n.js";
import { readColours, sample } from "./marks.js";
import { on } from "./state.js";

function draw() {
  readColours();
  const ok = { level: null, state: "ok", suspect: false, plain: true };
  const rows = [
    ...LEVELS.map((level) => [sample("station", { ...ok, level }), `${ROMAN[level]} ${t(`level_${level}`)}`]),
    [sample("station", ok), t("legend_none")],
    [sample("station", { ...ok, state: "silent" }), t("legend_silent")],
    [sample("station", { ...ok, suspect: true }), t("legend_suspect")],
    [sample("source", ok), t("legend_source")],
  ];
  $("legend").replaceChildren(el("summary", {}, t("legend")), el("ul", {}, rows.map(([mark, text]) => el("li", {}, mark, text))));
}

export function startLegend() {
  $("legend").open = !matchMedia("(max-width: 760px)").matches;
  draw();
  on("language theme", draw);
}
